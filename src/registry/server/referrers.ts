import { type Digest, mediaTypes } from '../../oci/index.ts'
import { answerJson, type Exchange, type RegistryContext, refuseUnlessRead } from './exchange.ts'

const pageSize = 1000

/** `/v2/<name>/referrers/<digest>?artifactType=` (end-12a, end-12b). A subject that nobody has is an empty list, never 404. */
export function serveReferrers({ links }: RegistryContext, exchange: Exchange, name: string, subject: Digest): void {
  const { query } = exchange
  refuseUnlessRead(exchange)
  const artifactType = query.get('artifactType') || undefined
  const found = links.referrers(name, subject, artifactType, { after: query.get('last') ?? '', limit: pageSize + 1 })
  const manifests = found.slice(0, pageSize)
  const headers: Record<string, string> = { 'Content-Type': mediaTypes.ociIndex }
  if (artifactType !== undefined) headers['OCI-Filters-Applied'] = 'artifactType'
  if (found.length > pageSize) {
    const next = new URLSearchParams({
      last: manifests.at(-1)?.digest ?? '',
      ...(artifactType === undefined ? {} : { artifactType }),
    })
    headers.Link = `</v2/${name}/referrers/${subject}?${next}>; rel="next"`
  }
  answerJson(exchange, 200, { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests }, headers)
}
