import type { DockerEvent } from '../../workshop/server/protocol.ts'
import type { Words } from '../language/en.ts'

/** One sentence for one event, or nothing for those that only repeat another. */
export function captionOf(event: DockerEvent, words: Words): string | undefined {
  const { Attributes, ID } = event.Actor
  const name = Attributes.name ?? ID.slice(0, 12)
  const say = words.captions
  switch (`${event.Type} ${event.Action}`) {
    case 'container create':
      return say.create(name, Attributes.image ?? '')
    case 'container start':
      return say.start(name)
    case 'container die':
      return say.die(name, Attributes.exitCode ?? '?')
    case 'container destroy':
      return say.destroy(name)
    case 'container pause':
      return say.pause(name)
    case 'container unpause':
      return say.unpause(name)
    case 'container kill':
      return say.kill(name, Attributes.signal ?? '')
    case 'image pull':
      return say.pull(name)
    case 'image tag':
      return say.tag(name)
    case 'image untag':
      return say.untag(name)
    case 'image delete':
      return say.delete(name.replace('sha256:', '').slice(0, 12))
    case 'network create':
      return say.networkCreate(name)
    case 'network destroy':
      return say.networkDestroy(name)
    case 'volume create':
      return say.volumeCreate(ID)
    case 'volume destroy':
      return say.volumeDestroy(ID)
    default:
      return undefined
  }
}
