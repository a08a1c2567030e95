const adjectives =
  'able agile airy amber ample apt arch avid azure balmy bold brave breezy bright brisk busy calm candid clear clever cosy crisp curious daring deft eager earnest easy elated fair fancy fearless fine fluent fond frank fresh frosty gentle glad golden grand handy happy hardy hearty honest humble jolly jovial keen kind lively loyal lucid lucky mellow merry mighty modest neat nimble noble patient placid plucky polite proud quick quiet ready robust rosy serene sharp silent silver sleek smart snug solar solid spry steady sunny swift tidy tranquil upbeat valiant vivid warm wise witty young zesty'.split(
    ' ',
  )

// Scientists, engineers and mathematicians.
const surnames =
  'abel agnesi ampere archimedes avogadro babbage banach bernoulli blackwell bohr boole bose brahe cantor carson cauchy cerf chandra chatelet church clarke copernicus coulomb crick curie dalton darwin descartes dijkstra dirac eckert edison einstein engelbart erdos euclid euler faraday fermat fermi feynman fibonacci fourier franklin galileo galois gauss germain godel goodall hamilton hawking hertz hilbert hodgkin hopper hubble huygens hypatia jacquard joliot joule kalam kepler khorana knuth kovalevsky lagrange lamarr laplace lavoisier leavitt leibniz liskov lovelace maxwell mayer meitner mendel mendeleev mirzakhani moore morse napier nash newton nobel noether noyce oersted ohm pascal pasteur pauling planck poincare ptolemy raman ramanujan riemann ritchie rutherford sagan shannon stokes swartz tesla thompson torvalds turing vaughan volta wiles wing wozniak wright wu yalow yonath'.split(
    ' ',
  )

const pick = (words: readonly string[]) => words[Math.floor(Math.random() * words.length)] ?? ''

/** `adjective_surname`, with a digit when the first choice was taken. */
export function randomName(attempt: number): string {
  return `${pick(adjectives)}_${pick(surnames)}${attempt > 0 ? Math.floor(Math.random() * 10) : ''}`
}
