import { networkInterfaces } from 'node:os'

/** Bridges and tunnels that a container or a virtual machine uses: others on the network rarely reach them. */
const VIRTUAL = /^(?:docker|br-|veth|virbr|vmnet|vboxnet|lxc|lxd|cni|flannel|podman)/

const LOOPBACK = '127.0.0.1'

/** Where a one-off server listens, and how others reach it. */
export interface OwnAddress {
  readonly listen: string
  /** The address to print. */
  readonly shown: string
  /** More addresses of this machine at which it can be reached. */
  readonly others: readonly string[]
  /** This machine has no address that others could reach. */
  readonly isAlone: boolean
}

/** `host`: an address of this machine to listen on alone; undefined to listen on all of them. */
export function ownAddress(host: string | undefined, interfaces = networkInterfaces()): OwnAddress {
  const isAny = host === undefined || host === '0.0.0.0' || host === '::'
  if (!isAny) return { listen: host, shown: host, others: [], isAlone: false }
  const all = Object.entries(interfaces).flatMap(([name, addresses = []]) =>
    addresses
      .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
      .filter(({ family }) => host !== '0.0.0.0' || family === 'IPv4')
      .map(({ address, family }) => ({ address, rank: rankOf(name, family) })),
  )
  const [shown, ...others] = all.toSorted((a, b) => a.rank - b.rank).map(({ address }) => address)
  if (shown === undefined) return { listen: LOOPBACK, shown: LOOPBACK, others: [], isAlone: true }
  const hasIPv6 = all.some(({ address }) => address.includes(':'))
  return { listen: host ?? (hasIPv6 ? '::' : '0.0.0.0'), shown, others, isAlone: false }
}

/** IPv4 comes first, because it is shorter and nearly every network has it. */
function rankOf(name: string, family: string): number {
  return (VIRTUAL.test(name) ? 2 : 0) + (family === 'IPv4' ? 0 : 1)
}
