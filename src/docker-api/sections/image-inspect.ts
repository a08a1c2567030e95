import type { ImageInspect } from '../../engine/index.ts'
import type { Call } from '../http/call.ts'

/** Fields of a container that stood, always empty, in an image's Config until 1.49. */
const containerFields = {
  Hostname: '',
  Domainname: '',
  AttachStdin: false,
  AttachStdout: false,
  AttachStderr: false,
  Tty: false,
  OpenStdin: false,
  StdinOnce: false,
  Image: '',
}

/** Fields that were there even when they said nothing, until 1.51. */
const imageFields = {
  User: '',
  Env: null,
  Cmd: null,
  Volumes: null,
  WorkingDir: '',
  Entrypoint: null,
  OnBuild: null,
  Labels: null,
}

/** Of an image's Config, only these are the image's own. */
const ownFields = new Set([
  ...Object.keys(imageFields),
  'ExposedPorts',
  'StopSignal',
  'ArgsEscaped',
  'Healthcheck',
  'Shell',
])

/** GET /images/{name}/json in the shape of the version asked for. */
export function describeImage(image: ImageInspect, call: Call): object {
  const { Descriptor, Parent, DockerVersion, Comment, Author, Config, ...rest } = image
  const optional = { Parent, DockerVersion, Comment, Author }
  const created = rest.Created === '' && call.olderThan(44) ? { Created: '0001-01-01T00:00:00Z' } : {}
  return {
    ...rest,
    ...created,
    ...(call.olderThan(52) ? optional : withoutEmpty(optional)),
    Config: describeConfig(Config ?? {}, call),
    ...(call.olderThan(44) ? { VirtualSize: image.Size } : {}),
    ...(call.olderThan(45) ? { Container: '', ContainerConfig: { ...containerFields, ...imageFields } } : {}),
    ...(call.olderThan(48) || Descriptor === undefined ? {} : { Descriptor }),
  }
}

function describeConfig(config: object, call: Call): object {
  const own = Object.fromEntries(Object.entries(config).filter(([name]) => ownFields.has(name)))
  if (call.olderThan(50)) return { ...containerFields, ...imageFields, ...own }
  if (call.olderThan(52)) return { ...imageFields, ...own }
  return withoutEmpty(own)
}

function withoutEmpty(object: object): object {
  const says = (value: unknown) =>
    value !== undefined &&
    value !== null &&
    value !== '' &&
    value !== false &&
    (typeof value !== 'object' || Object.keys(value).length > 0)
  return Object.fromEntries(Object.entries(object).filter(([, value]) => says(value)))
}
