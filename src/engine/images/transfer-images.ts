import {
  familiarName,
  familiarString,
  isDigest,
  type NamedReference,
  parseDigest,
  parseNormalizedName,
  withDigest,
  withTag,
  withTagDefault,
} from '../../oci/index.ts'
import { type Credentials, type ProgressEvent, TransferError } from '../../registry/index.ts'
import type { EmitMessage } from '../contract.ts'
import type { Core } from '../core/core.ts'
import { EngineError, type EngineErrorKind, invalid, notFound } from '../engine-error.ts'
import type { JsonMessage } from '../shapes/index.ts'
import { imageEvent } from './image-event.ts'
import { imageError } from './resolve-image.ts'

const kinds: Partial<Record<TransferError['kind'], EngineErrorKind>> = {
  'not-found': 'notFound',
  unauthorized: 'unauthorized',
  forbidden: 'forbidden',
  'too-many-requests': 'tooManyRequests',
  unavailable: 'unavailable',
  invalid: 'invalid',
}

export function transferFailure(error: unknown): unknown {
  if (error instanceof TransferError) {
    return new EngineError(kinds[error.kind] ?? 'system', error.message, { cause: error })
  }
  return imageError(error)
}

export function toMessage({ status, id, progress, aux }: ProgressEvent): JsonMessage {
  return {
    ...(status !== undefined && { status }),
    ...(id !== undefined && { id }),
    ...(progress && { progressDetail: progress, ...(progress.total && { progress: progressBar(progress) }) }),
    ...(aux && { aux }),
  }
}

const units = ['B', 'kB', 'MB', 'GB', 'TB']

/** docker/go-units HumanSize, four significant digits. */
export function humanSize(bytes: number): string {
  let value = bytes
  let at = 0
  while (value >= 1000 && at < units.length - 1) {
    value /= 1000
    at += 1
  }
  return `${Number(value.toPrecision(4))}${units[at]}`
}

/** The bar that a client without a terminal of its own shows. */
export function progressBar({ current = 0, total = 0 }: { current?: number; total?: number }): string {
  if (total <= 0) return humanSize(current)
  const done = Math.min(Math.floor((current / total) * 50), 50)
  const bar = `[${'='.repeat(done)}>${' '.repeat(50 - done)}]`
  return `${bar}  ${humanSize(current)}/${humanSize(total)}`
}

function pullReference(image: string, tag: string | undefined): NamedReference {
  try {
    const name = parseNormalizedName(image)
    if (!tag) return name
    return isDigest(tag) ? withDigest(name, parseDigest(tag)) : withTag(name, tag)
  } catch (error) {
    throw invalid(
      `invalid reference format${(error as Error).message.startsWith('invalid reference format') ? (error as Error).message.slice(24) : `: ${(error as Error).message}`}`,
      { cause: error },
    )
  }
}

export interface PullRequest {
  image: string
  tag?: string
  platform?: string
  credentials?: Credentials
  language?: 'en' | 'fr'
}

function platformOf(text: string) {
  const [os = '', architecture = '', variant] = text.includes('/') ? text.split('/') : ['linux', text]
  if (os === '' || architecture === '')
    throw invalid(`invalid platform: "${text}": unknown operating system or architecture: invalid argument`)
  return { os, architecture, ...(variant && { variant }) }
}

/** `docker pull`. */
export async function pullImage(
  core: Core,
  request: PullRequest,
  emit: EmitMessage,
  signal?: AbortSignal,
): Promise<void> {
  const asked = pullReference(request.image, request.tag)
  const reference = asked.tag || asked.digest ? asked : withTagDefault(asked)
  try {
    const { image } = await core.transfer.pull(reference, {
      ...(request.credentials && { credentials: request.credentials }),
      ...(request.platform && { platform: platformOf(request.platform) }),
      ...(request.language && { language: request.language }),
      ...(signal && { signal }),
      onProgress: (event) => emit(toMessage(event)),
    })
    core.events.emit('image', 'pull', familiarString(reference), {
      ...image.config.config?.Labels,
      name: familiarName(reference),
    })
  } catch (error) {
    throw transferFailure(error)
  }
}

/** `docker push`: a tag, or every tag of the repository. */
export async function pushImage(
  core: Core,
  request: { image: string; tag?: string; platform?: string; credentials?: Credentials },
  emit: EmitMessage,
  signal?: AbortSignal,
): Promise<void> {
  const asked = pullReference(request.image, request.tag)
  const repository = familiarName(asked)
  const names = asked.tag
    ? [asked]
    : core.content.images
        .list()
        .flatMap((image) => image.tags.map((tag) => parseNormalizedName(tag)))
        .filter((name) => familiarName(name) === repository)
  const images = names.flatMap((name) => core.content.images.byName(name) ?? [])
  if (images.length === 0) {
    throw notFound(
      asked.tag
        ? `An image does not exist locally with the tag: ${repository}`
        : `An image does not exist locally with the tag: ${repository}`,
    )
  }
  try {
    for (const name of names) {
      const image = core.content.images.byName(name)
      if (!image) continue
      await core.transfer.push(name, image, {
        ...(request.credentials && { credentials: request.credentials }),
        ...(signal && { signal }),
        onProgress: (event) => emit(toMessage(event)),
      })
      imageEvent(core, image, 'push', familiarString(name))
    }
  } catch (error) {
    throw transferFailure(error)
  }
}

export async function distributionOf(core: Core, ref: string, credentials?: Credentials) {
  const name = pullReference(ref, undefined)
  try {
    return await core.transfer.distributionInspect(name.digest ? name : withTagDefault(name), {
      ...(credentials && { credentials }),
    })
  } catch (error) {
    throw transferFailure(error)
  }
}
