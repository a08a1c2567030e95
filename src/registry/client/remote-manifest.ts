import {
  type Descriptor,
  type Digest,
  digestAlgorithm,
  digestOf,
  isDigest,
  isIndexMediaType,
  isManifestMediaType,
  manifestMediaTypes,
  mediaTypes,
} from '../../oci/index.ts'
import type { RegistrySession } from './registry-session.ts'
import { TransferError } from './transfer-error.ts'
import { readSmall, type WireResponse } from './transport.ts'
import { TransportError } from './transport-error.ts'

export interface RemoteManifest {
  readonly descriptor: Descriptor
  readonly bytes: Buffer
}

const largestManifest = 4 * 1024 * 1024

/** Fetches a manifest or an index and checks that it is what was asked for. */
export async function fetchManifest(
  session: RegistrySession,
  path: string,
  target: string | Digest,
): Promise<RemoteManifest> {
  const response = await session.request({
    method: 'GET',
    path: `/v2/${path}/manifests/${target}`,
    headers: { Accept: [...manifestMediaTypes, mediaTypes.dockerSchema1Signed].join(', ') },
    expect: [200],
  })
  const url = session.url(`/v2/${path}/manifests/${target}`)
  const bytes = await readSmall(response, largestManifest).catch((cause: unknown) => {
    throw new TransportError({ method: 'GET', url }, cause)
  })
  const digest = checkedDigest(response, bytes, target)
  return { bytes, descriptor: { mediaType: mediaTypeOf(response, bytes), digest, size: bytes.length } }
}

function checkedDigest(response: WireResponse, bytes: Buffer, target: string): Digest {
  const told = response.headers['docker-content-digest']
  const expected = isDigest(target) ? target : isDigest(told) ? told : undefined
  const digest = digestOf(bytes, expected ? digestAlgorithm(expected) : 'sha256')
  if (expected && expected !== digest)
    throw new TransferError('invalid', `manifest verification failed for digest ${expected}`, { statusCode: 500 })
  return digest
}

/** The header's word, where it is one of a manifest; else the manifest's own. */
function mediaTypeOf(response: WireResponse, bytes: Buffer): string {
  const sent = response.headers['content-type']?.split(';', 1)[0]?.trim() ?? ''
  const own = ownMediaType(bytes)
  const type = isIndexMediaType(sent) || isManifestMediaType(sent) ? sent : (own ?? sent)
  if (isIndexMediaType(type) || isManifestMediaType(type)) return type
  if (type === mediaTypes.dockerSchema1 || type === mediaTypes.dockerSchema1Signed) {
    const text =
      'Docker Image Format v1 and Docker Image manifest version 2, schema 1 support has been removed. Suggest the author to upgrade the image to the OCI Format or Docker Image manifest v2, schema 2.'
    throw new TransferError('invalid', text)
  }
  throw new TransferError('invalid', `unsupported manifest media type and no default available: ${type}`, {
    statusCode: 500,
  })
}

function ownMediaType(bytes: Buffer): string | undefined {
  try {
    const { mediaType } = JSON.parse(bytes.toString('utf8')) as { mediaType?: unknown }
    return typeof mediaType === 'string' ? mediaType : undefined
  } catch {
    // Not JSON: the caller says so, with the type that the registry claimed.
    return undefined
  }
}
