import { containerCells, formatLabels, nameOf } from '../../cells.ts'
import { column, nameColumn } from '../../columns.ts'
import type * as k8s from '../../generated/types.ts'
import { defineKind } from '../../rules.ts'
import { defaultPodTemplate } from './pod-spec-defaults.ts'
import { validatePodTemplate } from './pod-validation/index.ts'
import { changeWarnings, podWarnings } from './pod-warnings.ts'

export const podTemplate = defineKind<k8s.PodTemplate>({
  warningsOnCreate: (object) => podWarnings(object.template ?? {}, 'template'),
  warningsOnUpdate: changeWarnings((object) => object.template, 'template'),
  defaults: defaultPodTemplate,
  generation: ['template'],
  validate: ({ template }) => validatePodTemplate(template ?? {}, 'template'),
  printer: {
    columns: [
      nameColumn,
      column('Containers', 'Names of the containers.'),
      column('Images', 'Images of the containers.'),
      column('Pod Labels', 'Labels of the pods.'),
    ],
    cells: ({ metadata, template }) => [
      nameOf({ metadata }),
      ...containerCells(template?.spec?.containers),
      formatLabels(template?.metadata?.labels),
    ],
  },
})
