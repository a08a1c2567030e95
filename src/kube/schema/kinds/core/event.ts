import { nameOf } from '../../cells.ts'
import { column } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { pathSegmentName } from '../../validation/names.ts'
import { ageOf } from '../../value/duration.ts'
import { validateEvent } from './event-validation.ts'

export const event = defineKind<k8s.Event>({
  validate: validateEvent,
  name: pathSegmentName,
  allowCreateOnUpdate: true,
  printer: {
    columns: [
      column('Last Seen', 'When it was last seen.'),
      column('Type', 'Normal or Warning.'),
      column('Reason', 'Why, in one word.'),
      column('Object', 'What it is about.'),
      column('Subobject', 'The part of the object.', 1),
      column('Source', 'Who reports it.', 1),
      column('Message', 'What happened.'),
      column('First Seen', 'When it was first seen.', 1),
      column('Count', 'How often it was seen.', 1),
      { name: 'Name', type: 'string', format: 'name', description: 'Name of the event.', priority: 1 },
    ],
    cells(event, nowMs) {
      const first = ageOf(event.firstTimestamp ?? event.eventTime, nowMs)
      let last = event.lastTimestamp ? ageOf(event.lastTimestamp, nowMs) : first
      let count = event.count || 1
      if (event.series) {
        last = ageOf(event.series.lastObservedTime, nowMs)
        count = event.series.count ?? 0
      }
      const { kind = '', name = '', fieldPath = '' } = event.involvedObject ?? {}
      const component = event.source?.component || event.reportingComponent || ''
      const instance = event.source?.host || event.reportingInstance || ''
      return [
        last,
        event.type ?? '',
        event.reason ?? '',
        name === '' ? kind.toLowerCase() : `${kind.toLowerCase()}/${name}`,
        fieldPath,
        instance === '' ? component : `${component}, ${instance}`,
        (event.message ?? '').trim(),
        first,
        count,
        nameOf(event),
      ]
    },
  },
  fields: {
    supported: [
      'involvedObject.kind',
      'involvedObject.namespace',
      'involvedObject.name',
      'involvedObject.uid',
      'involvedObject.apiVersion',
      'involvedObject.resourceVersion',
      'involvedObject.fieldPath',
      'reason',
      'reportingComponent',
      'source',
      'type',
    ],
    of(event) {
      const about = event.involvedObject ?? {}
      return {
        'involvedObject.kind': about.kind ?? '',
        'involvedObject.namespace': about.namespace ?? '',
        'involvedObject.name': about.name ?? '',
        'involvedObject.uid': about.uid ?? '',
        'involvedObject.apiVersion': about.apiVersion ?? '',
        'involvedObject.resourceVersion': about.resourceVersion ?? '',
        'involvedObject.fieldPath': about.fieldPath ?? '',
        reason: event.reason ?? '',
        reportingComponent: event.reportingComponent ?? '',
        source: event.source?.component || event.reportingComponent || '',
        type: event.type ?? '',
      }
    },
  },
})
