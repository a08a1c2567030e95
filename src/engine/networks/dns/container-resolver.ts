import type { Network } from '../network.ts'
import { type LinkedName, localAnswer, rcode, readQuery, reply } from './answer-query.ts'
import type { Answer } from './dns-server.ts'
import { askUpstream } from './upstream.ts'

export interface ResolverView {
  /** The networks that the container is on now, the default route's first. */
  networks(): Network[]
  linked: LinkedName
  /** Name servers outside; empty: nothing but containers can be found. */
  upstream(): readonly string[]
}

/** What one container can find: others on its networks first, the rest of the world from upstream. */
export function containerResolver(view: ResolverView): Answer {
  return async (bytes, transport) => {
    const query = readQuery(bytes)
    if (!query) return undefined
    const local = localAnswer(view.networks(), query, view.linked)
    if (local) return local
    const servers = view.upstream()
    const answer = servers.length > 0 ? await askUpstream(bytes, servers, transport) : undefined
    if (answer) return answer
    // A name of one label that nobody here has is not worth a client's retries.
    const bare = !query.question.name.replace(/\.$/, '').includes('.')
    return reply(query, [], bare || servers.length === 0 ? rcode.nxdomain : rcode.servfail)
  }
}
