import type { KubeObject, ResourceInfo } from './contract.ts'

/**
 * How long a deleted object may take to stop, in seconds; 0 where it goes at once. Only pods do: their own
 * terminationGracePeriodSeconds counts where the request names no period, and a pod that is on no node, or has already
 * ended, goes at once.
 */
export function gracePeriodSeconds(resource: ResourceInfo, object: KubeObject, requested: number | undefined): number {
  if (resource.group !== '' || resource.kind !== 'Pod') return 0
  const spec = object.spec as { nodeName?: string; terminationGracePeriodSeconds?: number } | undefined
  const status = object.status as { phase?: string } | undefined
  const own = spec?.terminationGracePeriodSeconds ?? 0
  let period = requested ?? own
  if (!spec?.nodeName) period = 0
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') period = 0
  // "it has a negative grace period": 1 second, the least there is
  if (period < 0) period = 1
  return period
}
