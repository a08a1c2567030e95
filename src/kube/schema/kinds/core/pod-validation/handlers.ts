import type { FieldError, FieldPath, Unchecked } from '../../../contract.ts'
import type * as k8s from '../../../generated/types.ts'
import { child, forbidden, invalid, notSupported, required } from '../../../validation/field-error.ts'
import { httpHeaderName, portName, portNumber } from '../../../validation/names.ts'
import { validateName, validateNonNegative } from '../../../validation/rules.ts'

type Probe = Unchecked<k8s.Probe>
/** What probes and hooks can do, each some of it. */
type Handler = Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'> & Pick<Unchecked<k8s.LifecycleHandler>, 'sleep'>

/** A port by number or name. */
export function validatePort(port: number | string | undefined, path: FieldPath): FieldError[] {
  if (typeof port === 'string') return validateName(portName, port, path)
  return portNumber(port ?? 0).map((message) => invalid(path, port ?? 0, message))
}

function validateHttpGet(action: Unchecked<k8s.HTTPGetAction>, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  if (!action.path) errors.push(required(child(path, 'path')))
  errors.push(...validatePort(action.port, child(path, 'port')))
  const schemes = ['HTTP', 'HTTPS']
  if (!schemes.includes(action.scheme ?? '')) {
    errors.push(notSupported(child(path, 'scheme'), action.scheme ?? '', schemes))
  }
  for (const { name = '' } of action.httpHeaders ?? []) {
    errors.push(...validateName(httpHeaderName, name, child(path, 'httpHeaders')))
  }
  return errors
}

export function validateHandler(handler: Handler, graceSeconds: number | undefined, path: FieldPath): FieldError[] {
  const errors: FieldError[] = []
  let handlers = 0
  const first = (field: string): boolean => {
    if (handlers > 0) errors.push(forbidden(child(path, field), 'may not specify more than 1 handler type'))
    return handlers++ === 0
  }
  const { exec, httpGet, tcpSocket, grpc, sleep } = handler
  if (exec && first('exec') && (exec.command?.length ?? 0) === 0) errors.push(required(child(path, 'exec', 'command')))
  if (httpGet && first('httpGet')) errors.push(...validateHttpGet(httpGet, child(path, 'httpGet')))
  if (tcpSocket && first('tcpSocket')) errors.push(...validatePort(tcpSocket.port, child(path, 'tcpSocket', 'port')))
  if (grpc && first('grpc')) errors.push(...validatePort(grpc.port ?? 0, child(path, 'grpc', 'port')))
  if (sleep && first('sleep')) {
    const seconds = sleep.seconds ?? 0
    if (graceSeconds !== undefined && (seconds < 0 || seconds > graceSeconds)) {
      const sentence = `must be non-negative and less than terminationGracePeriodSeconds (${graceSeconds})`
      errors.push(invalid(child(path, 'sleep'), seconds, sentence))
    }
  }
  if (handlers === 0) errors.push(required(path, 'must specify a handler type'))
  return errors
}

/** @param kind of probe: only readiness may need several successes and has no grace period of its own */
export function validateProbe(
  probe: Probe | undefined,
  kind: 'liveness' | 'readiness' | 'startup',
  graceSeconds: number | undefined,
  path: FieldPath,
): FieldError[] {
  if (!probe) return []
  const errors = validateHandler(probe, graceSeconds, path)
  for (const field of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const) {
    errors.push(...validateNonNegative(probe[field], child(path, field)))
  }
  const grace = probe.terminationGracePeriodSeconds
  if (grace !== undefined && grace <= 0) {
    errors.push(invalid(child(path, 'terminationGracePeriodSeconds'), grace, 'must be greater than 0'))
  }
  if (kind === 'readiness') {
    if (grace !== undefined) {
      errors.push(invalid(child(path, 'terminationGracePeriodSeconds'), grace, 'must not be set for readinessProbes'))
    }
  } else if (probe.successThreshold !== 1) {
    errors.push(invalid(child(path, 'successThreshold'), probe.successThreshold ?? 0, 'must be 1'))
  }
  return errors
}

const realTime = Array.from({ length: 15 }, (_, i) => `SIGRTMIN+${i + 1}`)
const realTimeFromAbove = Array.from({ length: 14 }, (_, i) => `SIGRTMAX-${i + 1}`)
const linuxSignals = [
  ...'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT RTMAX RTMIN SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ'
    .split(' ')
    .map((name) => `SIG${name}`),
  ...realTime,
  ...realTimeFromAbove,
].sort()
const windowsSignals = ['SIGKILL', 'SIGTERM']

export function validateLifecycle(
  lifecycle: Unchecked<k8s.Lifecycle>,
  graceSeconds: number | undefined,
  os: string | undefined,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = []
  const { postStart, preStop, stopSignal } = lifecycle
  if (postStart) errors.push(...validateHandler(postStart, graceSeconds, child(path, 'postStart')))
  if (preStop) errors.push(...validateHandler(preStop, graceSeconds, child(path, 'preStop')))
  if (stopSignal === undefined) return errors
  const here = child(path, 'stopSignal')
  const supported = os === 'windows' ? windowsSignals : os === 'linux' ? linuxSignals : undefined
  if (os === undefined) errors.push(forbidden(here, 'may not be set for containers with empty `spec.os.name`'))
  else if (supported && !supported.includes(stopSignal)) errors.push(notSupported(here, stopSignal, supported))
  return errors
}
