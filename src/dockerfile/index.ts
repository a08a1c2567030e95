/**
 * The Dockerfile language: text → syntax tree with positions, variable expansion, build checks. Pure: no I/O, no
 * Node-only module.
 */
export type { CheckOptions, CheckWarning, RuleName } from './checks.ts'
export { checkDockerfile, rules } from './checks.ts'
export { type ExpandOptions, expandWord, type Variables } from './expand.ts'
export { parseMount } from './mount.ts'
export { type ParseOptions, parseDockerfile, parseInstruction } from './parse.ts'
export type { Position, Range } from './position.ts'
export * from './syntax.ts'
export { DockerfileError } from './syntax-error.ts'
