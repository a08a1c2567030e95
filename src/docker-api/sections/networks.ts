import type { CreateNetworkRequest, EndpointSettings, Engine, NetworkInspect } from '../../engine/index.ts'
import { readFilters } from '../decode/filters.ts'
import { readRequest } from '../decode/request-body.ts'
import type { Call } from '../http/call.ts'
import { badRequest } from '../http/docker-error.ts'
import { type Route, route } from '../http/router.ts'

/** Networks. */
export function networkRoutes(engine: Engine): Route[] {
  const { networks } = engine
  const list = (call: Call) => {
    const found = networks.list(readFilters(call.query.get('filters')))
    // Before 1.28 the list told everything; the map of containers stayed, empty, until networks and summaries parted.
    call.json(200, call.olderThan(28) ? found.map((each) => networks.inspect(each.Id)) : found.map(summary))
  }
  return [
    route('GET', '/networks', list),
    route('GET', '/networks/', list),
    route('POST', '/networks/create', async (call) => {
      const request = await readRequest<CreateNetworkRequest>(call, 'POST /networks/create')
      if (call.olderThan(48)) delete request.EnableIPv4
      call.json(201, await networks.create({ ...request, Name: request.Name ?? '' }))
    }),
    route('POST', '/networks/prune', async (call) => {
      const { NetworksDeleted } = await networks.prune(readFilters(call.query.get('filters')))
      call.json(200, { NetworksDeleted: NetworksDeleted.length === 0 ? null : NetworksDeleted })
    }),
    route('POST', '/networks/{id}/connect', async (call) => {
      const request = await readRequest<Connect>(call, 'POST /networks/{id}/connect')
      // Docker itself heeds it only since 1.54; the field is as old as 1.44, and so are the clients that set it.
      if (call.olderThan(44)) delete request.EndpointConfig?.MacAddress
      await networks.connect(call.param('id'), request.Container ?? '', request.EndpointConfig)
      call.empty(200)
    }),
    route('POST', '/networks/{id}/disconnect', async (call) => {
      const request = await readRequest<Disconnect>(call, 'POST /networks/{id}/disconnect')
      await networks.disconnect(call.param('id'), request.Container ?? '', { force: request.Force === true })
      call.empty(200)
    }),
    route('GET', '/networks/{id}', (call) => {
      checkVerbose(call.query.get('verbose'))
      const scope = call.query.get('scope')
      const network = networks.inspect(call.param('id'), scope === '' ? {} : { scope })
      call.json(200, shaped(network, call))
    }),
    route('DELETE', '/networks/{id}', async (call) => {
      await networks.remove(call.param('id'))
      call.empty(204)
    }),
  ]
}

type Connect = { Container: string; EndpointConfig: EndpointSettings }
type Disconnect = { Container: string; Force: boolean }

function summary({ Containers: _, ...network }: NetworkInspect) {
  return network
}

/** EnableIPv4 is told since 1.48. */
function shaped({ EnableIPv4, ...network }: NetworkInspect, call: Call) {
  return call.olderThan(48) ? network : { ...network, EnableIPv4 }
}

/** This one boolean is as strict as Go's own. */
function checkVerbose(text: string): void {
  if (text === '' || /^(1|0|t|f|T|F|true|false|TRUE|FALSE|True|False)$/.test(text)) return
  throw badRequest(
    `invalid value for verbose: ${text}: strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`,
  )
}
