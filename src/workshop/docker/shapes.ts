// The parts of the Docker Engine API's answers that checks and picture read.

export interface ContainerFacts {
  Id: string
  Name: string
  Created: string
  Image: string
  Path: string
  Args: string[]
  RestartCount: number
  State: {
    Status: string
    Running: boolean
    Paused: boolean
    ExitCode: number
    Error: string
    Pid: number
    OOMKilled: boolean
    StartedAt: string
    FinishedAt: string
    Health?: { Status: string }
  }
  Config: {
    Image: string
    User: string
    Tty: boolean
    OpenStdin: boolean
    Env: string[] | null
    Cmd: string[] | null
    Entrypoint: string[] | null
    WorkingDir: string
    Labels: Record<string, string> | null
    ExposedPorts?: Record<string, object>
  }
  HostConfig: {
    NetworkMode: string
    RestartPolicy: { Name: string; MaximumRetryCount: number }
    PortBindings: Record<string, { HostIp: string; HostPort: string }[] | null> | null
    Memory: number
    AutoRemove: boolean
  }
  Mounts: { Type: string; Name?: string; Source: string; Destination: string; RW: boolean }[]
  NetworkSettings: {
    Ports: Record<string, { HostIp: string; HostPort: string }[] | null> | null
    Networks: Record<string, { IPAddress: string; Aliases: string[] | null; NetworkID: string }>
  }
}

export interface ImageFacts {
  Id: string
  RepoTags: string[] | null
  RepoDigests: string[] | null
  Parent: string
  Created: string
  Size: number
  RootFS: { Layers?: string[] }
  Config: {
    Cmd: string[] | null
    Entrypoint: string[] | null
    Env: string[] | null
    WorkingDir: string
    User: string
    ExposedPorts?: Record<string, object> | null
    Labels: Record<string, string> | null
  }
}

export interface ImageHistoryLine {
  Id: string
  Created: number
  CreatedBy: string
  Size: number
  Comment: string
  Tags: string[] | null
}

export interface NetworkFacts {
  Id: string
  Name: string
  Driver: string
  Internal: boolean
  Containers?: Record<string, { Name: string; IPv4Address: string }>
}

export interface VolumeFacts {
  Name: string
  Driver: string
  Mountpoint: string
  CreatedAt?: string
}
