import { SyntaxProblem } from '../contract.ts'

/**
 * Kubernetes' numbers with suffixes: `500m`, `1Gi`, `2e3`. Held as an exact count of billionths with the format in which
 * it is written again; amounts below one billionth are rounded up, as Kubernetes does.
 */
export interface QuantityValue {
  readonly nanos: bigint
  readonly format: 'DecimalSI' | 'BinarySI' | 'DecimalExponent'
}

const decimalSuffixes: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
}
const binarySuffixes: Readonly<Record<string, number>> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 }
const suffixOfDecimal = new Map(Object.entries(decimalSuffixes).map(([suffix, exponent]) => [exponent, suffix]))
const suffixOfBinary = new Map(Object.entries(binarySuffixes).map(([suffix, exponent]) => [exponent, suffix]))

const billion = 1_000_000_000n
const maxBinary = (2n ** 63n - 1n) * billion
/** Far past anything that counts something; keeps `1e999999999` from filling the memory. */
const maxExponent = 1000

const form = /^([+-]?)([0-9]*)(?:\.([0-9]*))?((?:[eEinumkKMGTP]*)(?:[-+]?)(?:[0-9]*))$/
const formatSentence = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const suffixSentence = "unable to parse quantity's suffix"

interface Parts {
  negative: boolean
  /** Digits without leading zeros; '0' where there are none. */
  whole: string
  fraction: string
  base: 2 | 10
  exponent: number
  format: QuantityValue['format']
}

function partsOf(text: string): Parts {
  const found = form.exec(text)
  if (text === '' || !found) throw new SyntaxProblem(formatSentence)
  const [, sign, digits = '', fraction = '', suffix = ''] = found
  const whole = digits.replace(/^0+/, '') || '0'
  const common = { negative: sign === '-', whole, fraction }
  const decimal = decimalSuffixes[suffix]
  if (decimal !== undefined) return { ...common, base: 10, exponent: decimal, format: 'DecimalSI' }
  const binary = binarySuffixes[suffix]
  if (binary !== undefined) return { ...common, base: 2, exponent: binary, format: 'BinarySI' }
  const exponent = /^[eE]([-+]?[0-9]+)$/.exec(suffix)
  if (!exponent || Math.abs(Number(exponent[1])) > maxExponent) throw new SyntaxProblem(suffixSentence)
  return { ...common, base: 10, exponent: Number(exponent[1]), format: 'DecimalExponent' }
}

function amountOf(parts: Parts): QuantityValue {
  const { negative, whole, fraction, base, exponent } = parts
  let format = parts.format
  const unscaled = BigInt(whole + fraction)
  // value = unscaled × base^exponent ÷ 10^fraction.length, in billionths
  let numerator = unscaled * billion
  let denominator = 10n ** BigInt(fraction.length)
  if (base === 2) numerator <<= BigInt(exponent)
  else if (exponent >= 0) numerator *= 10n ** BigInt(exponent)
  else denominator *= 10n ** BigInt(-exponent)
  let nanos = numerator / denominator
  if (nanos * denominator !== numerator) nanos += 1n
  if (format === 'BinarySI') {
    if (nanos > maxBinary) nanos = maxBinary
    if (nanos > 0n && nanos < billion) format = 'DecimalSI'
  }
  return { nanos: negative ? -nanos : nanos, format }
}

/**
 * Reads a quantity as JSON holds it: text, or a bare number.
 * @throws SyntaxProblem with Kubernetes' own sentence
 */
export function parseQuantity(text: string | number): QuantityValue {
  return amountOf(partsOf(String(text).trim()))
}

/** The one way in which Kubernetes writes the value: `0.5Gi` → `512Mi`, `1000m` → `1`. */
export function formatQuantity({ nanos, format }: QuantityValue): string {
  if (nanos === 0n) return '0'
  const negative = nanos < 0n
  const magnitude = negative ? -nanos : nanos
  const sign = negative ? '-' : ''
  if (format === 'BinarySI' && magnitude >= 1024n * billion && magnitude % billion === 0n) {
    let number = magnitude / billion
    let exponent = 0
    while (number % 1024n === 0n && exponent < 60) {
      number /= 1024n
      exponent += 10
    }
    return `${sign}${number}${suffixOfBinary.get(exponent) ?? ''}`
  }
  let number = magnitude
  let exponent = -9
  while (number % 1000n === 0n && (exponent < 18 || format === 'DecimalExponent')) {
    number /= 1000n
    exponent += 3
  }
  if (format === 'DecimalExponent') return `${sign}${number}${exponent === 0 ? '' : `e${exponent}`}`
  return `${sign}${number}${suffixOfDecimal.get(exponent) ?? ''}`
}

/** Written like this, a number is its own canonical form: the overwhelming case. */
const plainlyCanonical = /^[1-9][0-9]{0,2}(?:[mkMG]|[KMGT]i)?$|^0$/

/**
 * The canonical text of a quantity's text, as the server gives it back.
 * @throws SyntaxProblem with Kubernetes' own sentence
 */
export function canonicalQuantity(input: string | number): string {
  const text = typeof input === 'number' ? String(input) : input
  if (plainlyCanonical.test(text)) return text
  const trimmed = text.trim()
  const parts = partsOf(trimmed)
  return keepsItsText(parts) ? trimmed : formatQuantity(amountOf(parts))
}

/** Kubernetes keeps some texts as they are although it would write the number in another way. */
function keepsItsText({ whole, fraction, base, exponent, format }: Parts): boolean {
  const digits = whole + fraction
  if (base === 2) {
    const precision = 15 - whole.length - Math.trunc((exponent * 3) / 10) - 1
    return precision >= 0 && fraction === '' && (BigInt(digits) & 7n) !== 0n
  }
  const scale = exponent - fraction.length
  return (
    18 - digits.length >= 0 &&
    scale >= -9 &&
    (format !== 'DecimalSI' || scale <= 18) &&
    scale % 3 === 0 &&
    !digits.endsWith('000') &&
    !digits.startsWith('0')
  )
}

/** Negative, 0 or positive, as the first is less than, equal to or greater than the second. */
export function compareQuantities(a: string | number, b: string | number): number {
  const difference = parseQuantity(a).nanos - parseQuantity(b).nanos
  return difference < 0n ? -1 : difference > 0n ? 1 : 0
}

export const isZeroQuantity = (text: string | number): boolean => parseQuantity(text).nanos === 0n
export const isNegativeQuantity = (text: string | number): boolean => parseQuantity(text).nanos < 0n

/** Rounded up to whole units (bytes, cores), as a JavaScript number. */
export const quantityToNumber = (text: string | number): number => Number(ceilDiv(parseQuantity(text).nanos, billion))

/** Rounded up to thousandths, as a JavaScript number. */
export const quantityToMillis = (text: string | number): number =>
  Number(ceilDiv(parseQuantity(text).nanos, 1_000_000n))

function ceilDiv(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value > 0n && quotient * by !== value ? quotient + 1n : quotient
}

/** Sum in the first one's format (the second's, where the first is zero). */
export function addQuantities(a: QuantityValue, b: QuantityValue): QuantityValue {
  return { nanos: a.nanos + b.nanos, format: a.nanos === 0n ? b.format : a.format }
}

export function subtractQuantities(a: QuantityValue, b: QuantityValue): QuantityValue {
  return { nanos: a.nanos - b.nanos, format: a.nanos === 0n ? b.format : a.format }
}
