/**
 * The door of the schema room: what Kubernetes 1.36 serves, and everything about a kind that is pure: reading it,
 * defaulting, validation, conversion, printed columns, selectors, quantities, OpenAPI documents.
 */
export {
  apiVersionOf,
  builtinGroups,
  builtinResources,
  findKind,
  findResource,
  parseApiVersion,
  resourcesOf,
  storageResource,
} from './catalog.ts'
export { ageColumn, column, nameColumn } from './columns.ts'
export type * from './contract.ts'
export { DecodeError, SyntaxProblem } from './contract.ts'
export { fromStorage, servedAsStored, toStorage } from './conversion.ts'
export { type Decoded, type DecodeOptions, decodeAs, decodeWith, strictDecodingMessage } from './decode.ts'
export { defaultObject } from './defaulting.ts'
export { duplicateFields } from './duplicate-fields.ts'
export { checkFieldSelector, fieldsOf } from './field-labels.ts'
export { schemaAt, schemaOf } from './field-schema.ts'
export type * as k8s from './generated/types.ts'
export { genericPrinter } from './generic-printer.ts'
export { gracePeriodSeconds } from './graceful-deletion.ts'
export { type CronSchedule, parseCronSchedule } from './kinds/batch/cron-schedule.ts'
export { aggregateResources, qosClassOf } from './kinds/core/pod-resources.ts'
export { openApiV2, openApiV3, openApiV3Paths } from './open-api/documents.ts'
export { printerOf } from './printer.ts'
export { fieldSelectorText, matchesFields, parseFieldSelector } from './selector/field-selector.ts'
export {
  formatLabelSelector,
  type LabelSelectorObject,
  labelSelectorRequirements,
  labelSelectorText,
  matchesLabels,
  parseLabelSelector,
} from './selector/label-selector.ts'
export { deprecationOf, scaleOf, strategyOf } from './strategy.ts'
export {
  at,
  child,
  duplicate,
  forbidden,
  goQuote,
  internalError,
  invalid,
  joinErrors,
  notFound,
  notSupported,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from './validation/field-error.ts'
export {
  configMapKey,
  dns1035Label,
  dns1123Label,
  dns1123Subdomain,
  generatedName,
  generatedNameAlphabet,
  labelValueRule,
  type NameRule,
  pathSegmentName,
  qualifiedNameRule,
} from './validation/names.ts'
export {
  type MetadataRules,
  validateAnnotations,
  validateFieldManager,
  validateImmutable,
  validateLabels,
  validateObjectMeta,
  validateObjectMetaUpdate,
} from './validation/object-meta.ts'
export { sameJson } from './validation/same-json.ts'
export { ageOf, formatDuration, humanDuration, parseDuration } from './value/duration.ts'
export {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type QuantityValue,
  quantityToMillis,
  quantityToNumber,
  subtractQuantities,
} from './value/quantity.ts'
