import type { ImageRunConfig } from '../../oci/index.ts'
import { invalid } from '../engine-error.ts'
import type { ContainerConfig } from '../shapes/index.ts'

const copy = <T>(list: readonly T[] | null | undefined): T[] | null => (list ? [...list] : null)
const nameOf = (entry: string) => entry.split('=', 1)[0]

/** The user's configuration completed by the image's, as Docker does. Changes `config`. */
export function mergeImageConfig(config: ContainerConfig, image: ImageRunConfig | null | undefined): void {
  if (image) {
    config.User ||= image.User ?? ''
    config.ExposedPorts = { ...image.ExposedPorts, ...config.ExposedPorts }
    const own = new Set((config.Env ?? []).map(nameOf))
    config.Env = [...(config.Env ?? []), ...(image.Env ?? []).filter((entry) => !own.has(nameOf(entry)))]
    config.Labels = { ...image.Labels, ...config.Labels }
    if (!config.Entrypoint?.length) {
      if (!config.Cmd?.length) config.Cmd = copy(image.Cmd)
      config.Entrypoint ??= copy(image.Entrypoint)
    }
    if (image.Healthcheck) {
      const check = image.Healthcheck
      const mine = config.Healthcheck ?? {}
      config.Healthcheck = {
        Test: mine.Test?.length ? mine.Test : copy(check.Test),
        Interval: mine.Interval || check.Interval || 0,
        Timeout: mine.Timeout || check.Timeout || 0,
        StartPeriod: mine.StartPeriod || check.StartPeriod || 0,
        StartInterval: mine.StartInterval || check.StartInterval || 0,
        Retries: mine.Retries || check.Retries || 0,
      }
    }
    config.WorkingDir ||= image.WorkingDir ?? ''
    config.Volumes = { ...config.Volumes, ...image.Volumes }
    config.StopSignal ||= image.StopSignal ?? ''
    if (!config.Shell?.length) config.Shell = copy(image.Shell)
    if (!config.OnBuild) config.OnBuild = null
  }
  config.Labels ??= {}
  if (config.Entrypoint?.length === 1 && config.Entrypoint[0] === '') config.Entrypoint = null
  if (!config.Entrypoint?.length && !config.Cmd?.length) throw invalid('no command specified')
}

export function commandOf(config: ContainerConfig): { path: string; args: string[] } {
  const words = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])]
  return { path: words[0] ?? '', args: words.slice(1) }
}
