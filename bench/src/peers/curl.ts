import type { Peer } from './peer.js'

/** curl against an FTP server; nothing is checked. */
export function curl(program: string, url: string): Peer {
  const run = (...args: string[]) => ({ program, args: ['-q', '-sS', ...args] })
  return {
    name: 'curl',
    maker: 'other',
    get: (name, target) => run(`${url}${name}`, '-o', target),
    put: (source, name) => run('-T', source, `${url}${name}`),
  }
}
