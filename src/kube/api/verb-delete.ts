import type { Json, JsonObject } from '../schema/index.ts'
import { BodySyntaxError, parseBody } from './body.ts'
import type { ApiResponse } from './contract.ts'
import { type Deleted, deleteObject } from './delete-object.ts'
import { badRequest } from './errors.ts'
import { listOptions } from './list-options.ts'
import { inputEncoding } from './negotiate.ts'
import { deleteOptions } from './options.ts'
import { maxBodyBytes } from './read-object.ts'
import { keyOf, type ResourceRequest, warn } from './request-context.ts'
import { entryResponse, objectResponse, valueResponse } from './respond.ts'
import { selectionOf } from './selection.ts'
import { StatusError } from './status-error.ts'
import { listPage, readPage } from './verb-list.ts'

export async function deleteVerb(context: ResourceRequest): Promise<ApiResponse> {
  const { resource, route, query } = context
  const options = deleteOptions(query, await readBody(context))
  warnOfOrphans(context, options.propagationPolicy === undefined && options.orphanDependents === undefined)
  const key = keyOf(resource, resource.info.namespaced ? route.namespace : '', route.name)
  const deleted = await deleteObject(context, key, undefined, options)
  // Clients that asked for cascading deletion in the old way are told that it goes on.
  const status = !deleted.gone && options.orphanDependents === false ? 202 : 200
  return deletedResponse(context, deleted, status)
}

async function deletedResponse(
  context: ResourceRequest,
  { gone, object, entry }: Deleted,
  status: number,
): Promise<ApiResponse> {
  if (gone && !answersWithObject(context))
    return valueResponse(context, status, successStatus(context, object.metadata.name, object.metadata.uid))
  if (entry) return entryResponse(context, status, entry)
  return objectResponse(context, status, await context.resource.fromStorage(object))
}

const returnDeleted = new Set([
  '/pods',
  '/podtemplates',
  '/services',
  '/serviceaccounts',
  '/resourcequotas',
  '/persistentvolumes',
  '/persistentvolumeclaims',
  'storage.k8s.io/storageclasses',
  'storage.k8s.io/csidrivers',
  'storage.k8s.io/csinodes',
  'storage.k8s.io/csistoragecapacities',
  'storage.k8s.io/volumeattachments',
])

/** Some kinds answer a deletion with the object itself, the others with a Status. */
function answersWithObject({ resource: { info } }: ResourceRequest): boolean {
  return returnDeleted.has(`${info.group}/${info.plural}`)
}

function successStatus(
  { resource: { info } }: ResourceRequest,
  name: string | undefined,
  uid: string | undefined,
): JsonObject {
  const details: JsonObject = {}
  if (name !== undefined) details.name = name
  if (info.group !== '') details.group = info.group
  details.kind = info.plural
  if (uid !== undefined) details.uid = uid
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details }
}

function warnOfOrphans(context: ResourceRequest, byDefault: boolean): void {
  const { info } = context.resource
  if (byDefault && info.group === 'batch' && info.plural === 'jobs')
    warn(context, [
      'child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress this warning',
    ])
}

async function readBody({ request }: ResourceRequest): Promise<Json | undefined> {
  const bytes = await request.body(maxBodyBytes)
  if (bytes.length === 0) return undefined
  const encoding = inputEncoding(request.headers['content-type'])
  try {
    return parseBody(bytes, encoding, false).value
  } catch (error) {
    if (error instanceof BodySyntaxError)
      throw badRequest(`couldn't get version/kind; json parse error: ${error.message}`)
    throw error
  }
}

/** So many deletions are under way at a time; their writes share commits. */
const width = 256

/** DELETE of everything that a selector matches. Answers with the list of what was there. */
export async function deleteCollectionVerb(context: ResourceRequest): Promise<ApiResponse> {
  const { query, resource } = context
  const list = listOptions(query)
  const selection = selectionOf(resource, list)
  const options = deleteOptions(query, await readBody(context))
  warnOfOrphans(context, options.propagationPolicy === undefined && options.orphanDependents === undefined)
  const page = await readPage(context, list, selection)
  let next = 0
  const worker = async () => {
    for (let entry = page.entries[next++]; entry; entry = page.entries[next++]) {
      try {
        await deleteObject(context, entry.key, entry, options)
      } catch (error) {
        // Somebody else was faster.
        if (!(error instanceof StatusError) || error.code !== 404) throw error
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(width, page.entries.length) }, worker))
  return listPage(context, page)
}
