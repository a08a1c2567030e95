import type { KubeObject, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import type { VersionRules } from '../version-rules.ts'

type Served = Unchecked<k8s.EventsV1Event>
type Core = Unchecked<k8s.Event>

/** events.k8s.io/v1: the same events under other names. */
export const eventsEvent: VersionRules = {
  toStorage: (object) => toCore(object as unknown as Served) as unknown as KubeObject,
  fromStorage: (object) => toServed(object as unknown as Core) as unknown as KubeObject,
}

/** Fields of events.k8s.io and what they are called in the stored events. */
export const eventsFieldNames: Readonly<Record<string, string>> = {
  reason: 'reason',
  'regarding.kind': 'involvedObject.kind',
  'regarding.namespace': 'involvedObject.namespace',
  'regarding.name': 'involvedObject.name',
  'regarding.uid': 'involvedObject.uid',
  'regarding.apiVersion': 'involvedObject.apiVersion',
  'regarding.resourceVersion': 'involvedObject.resourceVersion',
  'regarding.fieldPath': 'involvedObject.fieldPath',
  reportingController: 'reportingComponent',
  type: 'type',
  'metadata.namespace': 'metadata.namespace',
  'metadata.name': 'metadata.name',
}

function toCore(event: Served): Core {
  const {
    regarding,
    note,
    reportingController,
    deprecatedSource,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    deprecatedCount,
    ...rest
  } = event
  return defined<Core>({
    ...rest,
    involvedObject: regarding ?? {},
    message: note,
    reportingComponent: reportingController ?? '',
    reportingInstance: event.reportingInstance ?? '',
    source: deprecatedSource ?? {},
    firstTimestamp: deprecatedFirstTimestamp ?? null,
    lastTimestamp: deprecatedLastTimestamp ?? null,
    count: deprecatedCount,
  })
}

function toServed(event: Core): Served {
  const { involvedObject, message, reportingComponent, source, firstTimestamp, lastTimestamp, count, ...rest } = event
  return defined<Served>({
    ...rest,
    regarding: involvedObject ?? {},
    note: message,
    reportingController: reportingComponent || undefined,
    reportingInstance: event.reportingInstance || undefined,
    deprecatedSource: source ?? {},
    deprecatedFirstTimestamp: firstTimestamp ?? null,
    deprecatedLastTimestamp: lastTimestamp ?? null,
    deprecatedCount: count,
  })
}

function defined<T extends object>(object: T): T {
  for (const key of Object.keys(object) as (keyof T)[]) if (object[key] === undefined) delete object[key]
  return object
}
