import { DockerError } from '../http/docker-error.ts'
import { type Route, route } from '../http/router.ts'

const notManager =
  'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.'

/** What a swarm manager would answer. */
const managerPaths = [
  'GET /swarm',
  'POST /swarm/update',
  'GET /swarm/unlockkey',
  'GET /nodes',
  'GET /nodes/{id}',
  'DELETE /nodes/{id}',
  'POST /nodes/{id}/update',
  'GET /services',
  'POST /services/create',
  'GET /services/{id}/logs',
  'POST /services/{id}/update',
  'GET /services/{id}',
  'DELETE /services/{id}',
  'GET /tasks',
  'GET /tasks/{id}/logs',
  'GET /tasks/{id}',
  'GET /secrets',
  'POST /secrets/create',
  'POST /secrets/{id}/update',
  'GET /secrets/{id}',
  'DELETE /secrets/{id}',
  'GET /configs',
  'POST /configs/create',
  'POST /configs/{id}/update',
  'GET /configs/{id}',
  'DELETE /configs/{id}',
]

/** Swarm, nodes, services, tasks, secrets, configs: this daemon is never part of a swarm. */
export function swarmRoutes(): Route[] {
  const refuse = (status: number, message: string) => () => {
    throw new DockerError(status, message)
  }
  return [
    ...managerPaths.map((line) => {
      const [method = '', pattern = ''] = line.split(' ')
      return route(method, pattern, refuse(503, notManager))
    }),
    route('POST', '/swarm/leave', refuse(503, 'This node is not part of a swarm')),
    route('POST', '/swarm/unlock', refuse(409, 'swarm is not locked')),
    route('POST', '/swarm/init', refuse(501, 'swarm mode is not supported by this daemon')),
    route('POST', '/swarm/join', refuse(501, 'swarm mode is not supported by this daemon')),
  ]
}
