import { column } from '../../columns.ts'
import type { ColumnDefinition, Unchecked } from '../../contract.ts'
import type * as k8s from '../../generated/types.ts'
import type { ScaleMappingOf } from '../../rules.ts'
import { formatLabelSelector, type LabelSelectorObject } from '../../selector/label-selector.ts'

/** CONTAINERS and IMAGES, shown with `-o wide`. */
export const templateColumns: readonly ColumnDefinition[] = [
  column('Containers', 'Names of the containers.', 1),
  column('Images', 'Images of the containers.', 1),
]

export const selectorColumn = column('Selector', 'Labels of the pods.', 1)

/** A selector as text; a missing one selects nothing and is ''. */
export function selectorText(selector: Unchecked<k8s.LabelSelector> | undefined): string {
  const text = formatLabelSelector(selector as LabelSelectorObject | undefined)
  return text === '<none>' ? '' : text
}

interface Scalable {
  spec?: { replicas?: number; selector?: k8s.LabelSelector }
  status?: { replicas?: number }
}

/** /scale of the workloads that have replicas and a selector. */
export function workloadScale<T extends Scalable>(): ScaleMappingOf<T> {
  const mapping: ScaleMappingOf<Scalable> = {
    specReplicas: ({ spec }) => spec?.replicas ?? 0,
    statusReplicas: ({ status }) => status?.replicas ?? 0,
    selector: ({ spec }) => selectorText(spec?.selector),
    setReplicas(object, replicas) {
      object.spec ??= {}
      object.spec.replicas = replicas
    },
  }
  return mapping as unknown as ScaleMappingOf<T>
}
