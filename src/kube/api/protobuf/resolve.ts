import { findKind, parseApiVersion, type Schema, schemaOf } from '../../schema/index.ts'

/** Where the message of a kind is, and its shape in JSON. */
export function resolveMessage(
  apiVersion: string,
  kind: string,
): { message: string; schema: Schema | undefined } | undefined {
  const { group, version } = parseApiVersion(apiVersion)
  const definition = findKind(group, version, kind)?.definition ?? guess(group, version, kind)
  return { message: definition.replace(/^io\.k8s\./, ''), schema: schemaOf(definition) }
}

/** Kinds of subresources and of options have no resource of their own. */
function guess(group: string, version: string, kind: string): string {
  if (kind.endsWith('Options') && kind.startsWith('Delete')) return 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions'
  const [first = ''] = group.split('.')
  return `io.k8s.api.${first === '' ? 'core' : first}.${version}.${kind}`
}
