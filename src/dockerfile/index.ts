/**
 * The Dockerfile language: text → syntax tree with positions, variable expansion, build checks. Pure: no I/O, no
 * Node-only module.
 */
export { globalArguments, platformArguments, proxyArguments, silentArguments } from './arguments.ts'
export { goQuote, goQuoteList } from './characters.ts'
export type { BaseConfig, CheckOptions, CheckResult, CheckWarning, IgnoreFile } from './check-report.ts'
export { type RuleName, rules } from './check-rules.ts'
export { checkDockerfile } from './checks.ts'
export { type ExpandOptions, type Expansion, expandWord, noVariables, type Variables, variablesOf } from './expand.ts'
export { chompHeredoc, parseHeredocMark } from './heredoc.ts'
export { parseMount } from './mount.ts'
export { type ParseOptions, parseDockerfile, parseInstruction } from './parse.ts'
export { type DockerfilePlatform, formatDockerfilePlatform, parseDockerfilePlatform } from './platform.ts'
export { type ExposedPorts, parseExposedPort } from './ports.ts'
export type { Position, Range } from './position.ts'
export { didYouMean, nearest } from './suggest.ts'
export type * from './syntax.ts'
export { DockerfileError } from './syntax-error.ts'
