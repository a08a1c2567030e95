import { useLanguage, useWords } from '../language/language.ts'
import { insertInTerminal } from '../state/workshop.ts'
import { sizeText } from './drawing.tsx'
import type { Scene } from './scene.ts'

function Show({ command }: { command: string }) {
  return (
    <button type="button" className="quiet" onClick={() => insertInTerminal(command)}>
      <code>{command}</code>
    </button>
  )
}

/** The same scene as nested lists, with the same actions. */
export function AsList({ scene }: { scene: Scene }) {
  const words = useWords()
  const language = useLanguage()
  return (
    <div className="as-list">
      <h2>{words.images}</h2>
      <ul>
        {scene.images.map((image) => (
          <li key={image.id}>
            {image.tags.join(', ') || words.noName}, {words.layers(image.layers.length)},{' '}
            {sizeText(image.bytes, language)}{' '}
            <Show command={`docker history ${image.tags[0] ?? image.id.slice(7, 19)}`} />
            <ul>
              {image.layers.map((layer, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a layer's place in its image never changes
                <li key={index}>
                  {layer.instruction}, {sizeText(layer.bytes, language)}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
      <h2>{words.containers}</h2>
      <ul>
        {scene.containers.map((box) => (
          <li key={box.id}>
            {box.name}: {words.states[box.state as keyof typeof words.states] ?? box.state}
            {box.state === 'exited' ? `, ${words.code(box.exitCode)}` : ''}, {box.image}, {box.command}
            {box.doors.map((door) => `, ${words.published(door.outside, door.inside)}`)}{' '}
            <Show command={`docker inspect ${box.name}`} />
          </li>
        ))}
      </ul>
      <h2>{words.networks}</h2>
      <ul>
        {scene.networks.map((network) => (
          <li key={network.name}>
            {network.name}: {network.members.join(', ')} <Show command={`docker network inspect ${network.name}`} />
          </li>
        ))}
      </ul>
      <h2>{words.volumes}</h2>
      <ul>
        {scene.volumes.map((volume) => (
          <li key={volume.name}>
            {volume.name}: {volume.usedBy.join(', ')} <Show command={`docker volume inspect ${volume.name}`} />
          </li>
        ))}
      </ul>
      {scene.ghosts.length > 0 && (
        <>
          <h2>{words.goal}</h2>
          <ul>
            {scene.ghosts.map((ghost) => (
              <li key={`${ghost.kind}-${ghost.name}`}>{ghost.name}</li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}
