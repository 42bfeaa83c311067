import type { Peer } from './peer.js'

/** lftp against an FTP server; nothing is checked. */
export function lftp(program: string, url: string): Peer {
  const run = (commands: string) => ({ program, args: ['--norc', '-c', `open ${url}; ${commands}`] })
  return {
    name: 'lftp',
    maker: 'other',
    // Two connections: the fastest way it has.
    get: (name, target) => run(`pget -n 2 ${name} -o ${target}`),
    getLossy: (name, target) => run(`pget -n 4 ${name} -o ${target}`),
    put: (source, name) => run(`put ${source} -o ${name}`),
    getFolder: (name, target) => run(`mirror -P 8 ${name} ${target}`),
    putFolder: (source, name) => run(`mirror -R -P 8 ${source} ${name}`),
    folderPace: 'slow',
  }
}
