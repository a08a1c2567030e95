/** Asks the kernel itself what it can do, in a network namespace that is thrown away. Needs root. */
import { closeSync, openSync } from 'node:fs'
import { CLONE, setns, unshare } from './libc.ts'
import { createBridge, createVeth, linkNamed } from './links.ts'
import { Netlink } from './netlink.ts'
import { SystemError } from './system-error.ts'

const NETLINK_NETFILTER = 12
const NFT_MSG_GETGEN = (10 << 8) | 16

function works(attempt: () => void): boolean {
  try {
    attempt()
    return true
  } catch (error) {
    if (error instanceof SystemError) return false
    throw error
  }
}

export interface KernelNetworking {
  bridge: boolean
  veth: boolean
  nf_tables: boolean
}

export function probeNetworking(): KernelNetworking {
  const home = openSync('/proc/thread-self/ns/net', 'r')
  try {
    unshare(CLONE.NEWNET)
    const here = openSync('/proc/thread-self/ns/net', 'r')
    try {
      using netlink = new Netlink()
      const bridge = works(() =>
        createBridge(netlink, { name: 'probe0', mac: '02:00:00:00:00:01', mtu: 1500, alias: 'probe' }),
      )
      const master = linkNamed(netlink, 'probe0')?.index ?? 0
      const peer = { name: 'probe2', namespaceFd: here, mac: '02:00:00:00:00:02' }
      return {
        bridge,
        veth: works(() => createVeth(netlink, { name: 'probe1', master, peer, mtu: 1500 })),
        nf_tables: works(() => {
          using netfilter = new Netlink(NETLINK_NETFILTER)
          netfilter.request(NFT_MSG_GETGEN, 0, [Buffer.alloc(4)], 'nf_tables')
        }),
      }
    } finally {
      closeSync(here)
      setns(home, CLONE.NEWNET)
    }
  } finally {
    closeSync(home)
  }
}
