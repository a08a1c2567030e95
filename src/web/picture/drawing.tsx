import { useLanguage, useWords } from '../language/language.ts'
import type { Selected } from './card.tsx'
import type { ContainerBox, ImageBox, Scene } from './scene.ts'

export function sizeText(bytes: number, language: string): string {
  const [value, unit] = bytes >= 1e6 ? [bytes / 1e6, 'megabyte'] : [bytes / 1e3, 'kilobyte']
  return new Intl.NumberFormat(language, { style: 'unit', unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(
    value,
  )
}

const marks: Record<string, string> = {
  running: '▶',
  exited: '■',
  created: '○',
  paused: 'Ⅱ',
  restarting: '↻',
  dead: '✕',
}

interface Props {
  scene: Scene
  onSelect(selected: Selected): void
}

function Image({ image, onSelect }: { image: ImageBox; onSelect: Props['onSelect'] }) {
  const words = useWords()
  const language = useLanguage()
  const name = image.tags[0] ?? words.noName
  const facts: [string, string][] = [
    ['ID', image.id.slice(7, 19)],
    ['Tags', image.tags.join(', ')],
    ['Size', sizeText(image.bytes, language)],
    ...image.layers.map((layer): [string, string] => [sizeText(layer.bytes, language), layer.instruction]),
    ['Config', image.metadata.join(' · ')],
  ]
  const select = () =>
    onSelect({ title: name, facts, command: `docker history ${image.tags[0] ?? image.id.slice(7, 19)}` })
  return (
    <button type="button" className="image" data-id={image.id} onClick={select}>
      <span className="tags">
        {image.tags.length === 0 && <span className="none">{words.noName}</span>}
        {image.tags.slice(0, 3).map((tag) => (
          <span key={tag} className="string">
            {tag}
          </span>
        ))}
      </span>
      <span className="layers">
        {image.layers.slice(-9).map((layer, index) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: a layer's place in its image never changes
            key={index}
            className="layer"
            style={{ inlineSize: `${Math.round(layer.length * 100)}%` }}
            title={`${layer.instruction} (${sizeText(layer.bytes, language)})`}
          />
        ))}
      </span>
      <span className="size">
        {words.layers(image.layers.length)} · {sizeText(image.bytes, language)}
      </span>
    </button>
  )
}

function Container({ box, onSelect }: { box: ContainerBox; onSelect: Props['onSelect'] }) {
  const words = useWords()
  const state = words.states[box.state as keyof typeof words.states] ?? box.state
  const facts: [string, string][] = [
    ['ID', box.id.slice(0, 12)],
    ['Image', box.image],
    ['State', box.state === 'exited' ? `${state} (${words.code(box.exitCode)})` : state],
    ['Cmd', box.command],
    ['Env', box.env.join('\n')],
    ['Ports', box.doors.map((door) => words.published(door.outside, door.inside)).join(', ')],
    ['Networks', box.networks.join(', ')],
    ['Mounts', box.volumes.join('\n')],
    ['Health', box.health],
  ]
  const select = () => onSelect({ title: box.name, facts, command: `docker inspect ${box.name}` })
  return (
    <div className={`container ${box.state}`} data-id={box.id}>
      <button type="button" className="body" onClick={select}>
        <span className="name">
          <span className="mark" aria-hidden="true">
            {marks[box.state] ?? '·'}
          </span>{' '}
          {box.name}
        </span>
        <span className="state">
          {state}
          {box.state === 'exited' ? ` · ${words.code(box.exitCode)}` : ''}
        </span>
        <span className="process">{box.command}</span>
        {box.env.slice(0, 3).map((line) => (
          <span key={line} className="chip">
            {line}
          </span>
        ))}
        <span className="writable">{words.writable}</span>
        <span className="of">{box.image}</span>
      </button>
      <div className="wall">
        {box.exposes.map((port) => (
          <span key={port} className="sticker">
            {words.sticker(port)}
          </span>
        ))}
        {box.doors.map((door) => (
          <span
            key={`${door.outside}-${door.inside}`}
            className={`door ${box.state === 'running' ? 'open' : 'closed'}`}
          >
            <span className="outside">{door.outside}</span>
            <span aria-hidden="true">⟶</span>
            <span className="inside">{door.inside}</span>
          </span>
        ))}
      </div>
    </div>
  )
}

/** The floors, left to right: images, then containers with their networks and doors. */
export function Drawing({ scene, onSelect }: Props) {
  const words = useWords()
  const ghosts = (kind: string) => scene.ghosts.filter((ghost) => ghost.kind === kind)
  return (
    <div className="drawing">
      <section className="floor images" aria-label={words.images}>
        <h2>{words.images}</h2>
        {scene.images.map((image) => (
          <Image key={image.id} image={image} onSelect={onSelect} />
        ))}
        {ghosts('image').map((ghost) => (
          <p key={ghost.name} className="ghost">
            {ghost.name} <em>{words.goal}</em>
          </p>
        ))}
      </section>
      <section className="floor containers" aria-label={words.containers}>
        <h2>{words.containers}</h2>
        <div className="boxes">
          {scene.containers.map((box) => (
            <Container key={box.id} box={box} onSelect={onSelect} />
          ))}
          {[...ghosts('container'), ...ghosts('port')].map((ghost) => (
            <p key={ghost.name} className={`ghost ${ghost.kind}`}>
              {ghost.name} <em>{words.goal}</em>
            </p>
          ))}
        </div>
      </section>
      <section className="floor shelf" aria-label={`${words.networks}, ${words.volumes}`}>
        {(scene.networks.length > 0 || ghosts('network').length > 0) && <h2>{words.networks}</h2>}
        {scene.networks.map((network) => (
          <button
            key={network.name}
            type="button"
            className="network"
            onClick={() =>
              onSelect({
                title: network.name,
                facts: [
                  ['Driver', network.driver],
                  [words.containers, network.members.join(', ')],
                ],
                command: `docker network inspect ${network.name}`,
              })
            }
          >
            <span aria-hidden="true">⌁</span> {network.name} <small>{network.members.join(' · ')}</small>
          </button>
        ))}
        {ghosts('network').map((ghost) => (
          <p key={ghost.name} className="ghost">
            {ghost.name} <em>{words.goal}</em>
          </p>
        ))}
        {(scene.volumes.length > 0 || ghosts('volume').length > 0) && <h2>{words.volumes}</h2>}
        {scene.volumes.map((volume) => (
          <button
            key={volume.name}
            type="button"
            className="volume"
            onClick={() =>
              onSelect({
                title: volume.name,
                facts: [[words.containers, volume.usedBy.join(', ')]],
                command: `docker volume inspect ${volume.name}`,
              })
            }
          >
            <span aria-hidden="true">⛁</span> {volume.name.slice(0, 24)} <small>{volume.usedBy.join(' · ')}</small>
          </button>
        ))}
        {ghosts('volume').map((ghost) => (
          <p key={ghost.name} className="ghost">
            {ghost.name} <em>{words.goal}</em>
          </p>
        ))}
      </section>
    </div>
  )
}
