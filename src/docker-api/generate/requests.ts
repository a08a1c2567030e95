import type { GoStructs, GoType } from '../decode/go-json.ts'
import { type Description, refName, type Schema } from './description.ts'

/** The operations whose bodies are decoded, and the Go type of each. */
const bodies = {
  'POST /containers/create': 'container.CreateRequest',
  'POST /containers/{id}/update': 'container.UpdateConfig',
  'POST /containers/{id}/exec': 'container.ExecCreateRequest',
  'POST /exec/{id}/start': 'container.ExecStartRequest',
  'POST /commit': 'container.commitRequest',
  'POST /networks/create': 'network.CreateRequest',
  'POST /networks/{id}/connect': 'networkbackend.ConnectRequest',
  'POST /networks/{id}/disconnect': 'networkbackend.DisconnectRequest',
  'POST /volumes/create': 'volume.CreateRequest',
  'POST /auth': 'registry.AuthConfig',
} as const

/** Definitions whose Go type is not simply `container.<name>`. */
const goNames: Record<string, string> = {
  ContainerConfig: 'container.Config',
  HealthConfig: 'container.HealthConfig',
  HostConfig: 'container.HostConfig',
  Resources: 'container.Resources',
  NetworkingConfig: 'network.NetworkingConfig',
  EndpointSettings: 'network.EndpointSettings',
  EndpointIPAMConfig: 'network.EndpointIPAMConfig',
  IPAM: 'network.IPAM',
  IPAMConfig: 'network.IPAMConfig',
  ConfigReference: 'network.ConfigReference',
  PortBinding: 'network.PortBinding',
  Mount: 'mount.Mount',
  ThrottleDevice: 'blkiodev.ThrottleDevice',
  ClusterVolumeSpec: 'volume.ClusterVolumeSpec',
  AuthConfig: 'registry.AuthConfig',
}

/** Structures that the description has no name for. */
const inlineNames: Record<string, string> = {
  'container.HostConfigUlimits': 'container.Ulimit',
  'container.UpdateConfigUlimits': 'container.Ulimit',
  'container.HostConfigLogConfig': 'container.LogConfig',
  'container.HostConfigBlkioWeightDevice': 'blkiodev.WeightDevice',
  'container.UpdateConfigBlkioWeightDevice': 'blkiodev.WeightDevice',
  'mount.MountBindOptions': 'mount.BindOptions',
  'mount.MountVolumeOptions': 'mount.VolumeOptions',
  'mount.MountVolumeOptionsDriverConfig': 'mount.Driver',
  'mount.MountImageOptions': 'mount.ImageOptions',
  'mount.MountTmpfsOptions': 'mount.TmpfsOptions',
}

/** Fields that the description types in another way than Go does, or leaves out. */
const goTypes: Record<string, GoType> = {
  'Config.Cmd': 'strslice',
  'Config.Entrypoint': 'strslice',
  'CreateRequest.Cmd': 'strslice',
  'CreateRequest.Entrypoint': 'strslice',
  'commitRequest.Cmd': 'strslice',
  'commitRequest.Entrypoint': 'strslice',
  'HostConfig.ConsoleSize': '[]uint',
  'HostConfig.BlkioWeight': 'uint16',
  'UpdateConfig.BlkioWeight': 'uint16',
  'HostConfig.OomScoreAdj': 'int',
  'ExecCreateRequest.ConsoleSize': '[]uint',
  'ExecStartRequest.ConsoleSize': '[]uint',
}

/** Fields that older versions of the API have and 1.56 has not any more, and those that the description forgets. */
const moreFields: Record<string, Record<string, GoType>> = {
  'container.CreateRequest': { MacAddress: 'string' },
  'container.HostConfig': { Capabilities: '[]string', KernelMemory: 'int64', KernelMemoryTCP: 'int64' },
  'container.UpdateConfig': { KernelMemory: 'int64', KernelMemoryTCP: 'int64' },
  'network.CreateRequest': { CheckDuplicate: 'bool' },
  'registry.AuthConfig': { auth: 'string', identitytoken: 'string', registrytoken: 'string' },
}

export function requests(description: Description) {
  const structs: GoStructs = {}
  const operations: Record<string, GoType> = {}
  for (const [operation, type] of Object.entries(bodies)) {
    const [method = '', path = ''] = operation.split(' ')
    const body = description.paths[path]?.[method.toLowerCase()]?.parameters?.find((each) => each.in === 'body')
    const schema = path === '/commit' ? { $ref: '#/definitions/ContainerConfig' } : body?.schema
    if (schema === undefined) throw new Error(`Cannot generate: ${operation} has no body in the description`)
    operations[operation] = addStruct(type, schema)
  }
  return { operations, structs }

  function addStruct(type: string, schema: Schema): string {
    if (structs[type] !== undefined) return type
    const short = type.slice(type.indexOf('.') + 1)
    const fields: Record<string, GoType> = {}
    structs[type] = { type, fields }
    for (const [name, property] of Object.entries(propertiesOf(schema))) {
      fields[name] = goTypes[`${short}.${name}`] ?? goType(property, `${type}${name}`)
    }
    Object.assign(fields, moreFields[type])
    return type
  }

  function propertiesOf(schema: Schema): Record<string, Schema> {
    if (schema.$ref !== undefined) return propertiesOf(definition(schema.$ref))
    const parts = (schema.allOf ?? []).map(propertiesOf)
    return Object.assign({}, ...parts, schema.properties)
  }

  function isStruct(schema: Schema): boolean {
    return (
      schema.properties !== undefined || (schema.allOf !== undefined && Object.keys(propertiesOf(schema)).length > 0)
    )
  }

  function definition(ref: string): Schema {
    const found = description.definitions[refName(ref)]
    if (found === undefined) throw new Error(`Cannot generate: ${ref} is not in the description`)
    return found
  }

  function goType(schema: Schema, anonymous: string): GoType {
    if (schema.$ref !== undefined) {
      const target = definition(schema.$ref)
      if (isStruct(target)) {
        return addStruct(goNames[refName(schema.$ref)] ?? `container.${refName(schema.$ref)}`, target)
      }
      return goType(target, anonymous)
    }
    if (schema.type === 'array') return `[]${goType(schema.items ?? {}, anonymous)}`
    if (isStruct(schema)) return addStruct(inlineNames[anonymous] ?? anonymous, schema)
    if (schema.allOf?.[0] !== undefined) return goType(schema.allOf[0], anonymous)
    if (schema.type === 'object') {
      const { additionalProperties: values } = schema
      return `map[string]${typeof values === 'object' ? goType(values, anonymous) : 'any'}`
    }
    if (schema.type === 'string') return 'string'
    if (schema.type === 'boolean') return 'bool'
    if (schema.type === 'number') return 'float64'
    if (schema.type === 'integer') return integer(schema.format)
    return 'any'
  }
}

function integer(format: string | undefined): GoType {
  return format !== undefined && ['int64', 'int32', 'uint16', 'uint32', 'uint64'].includes(format) ? format : 'int64'
}
