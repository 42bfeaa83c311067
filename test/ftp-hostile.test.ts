import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createHello, encodeJsonFrame, FrameType } from '@jftp/protocol'
import { describe, expect, test } from 'vitest'
import { type Answer, ack, data, end, HostileServer } from './client-hostile-server.js'
import { ftp } from './ftp-process.js'
import { tempFolder } from './temp-folder.js'

/** Sets the title of the terminal, clears it, turns text around, and begins a line anew. */
const NASTY = 'a\x1b]0;owned\x07\x1b[2J\r\nb\x9b31m\u202ec\u2028d\x00e'
/** The same as it can be a name. */
const NAME = NASTY.replaceAll('\x00', '')

/** What a terminal could obey or hide, but for the tabs that `du` prints itself. A line ends in \\n. */
const OBEYED = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/

const digestOf = (text: string) => ({ alg: 'md5', hex: createHash('md5').update(text).digest('hex') })
const facts = { size: 4, mtime: 0, mode: 0o644 }
const link = { ...facts, type: 'link', target: NASTY }

const lines =
  (head: object, entries: readonly object[]): Answer =>
  (id, { path }) => {
    const body = entries.map((entry) => `${JSON.stringify(entry)}\n`).join('')
    const size = Buffer.byteLength(body)
    return [ack(id, { path, ...head }), data(id, body), end(id, { size, digest: digestOf(body) })]
  }

const refuse: Answer = (id) => [
  encodeJsonFrame(FrameType.ACK, id, {
    ok: false,
    error: { code: 'permission-denied', message: NASTY, retryable: false, path: `/${NASTY}`, id: NASTY },
  }),
]

const listing: Record<string, Answer> = {
  pwd: (id) => [ack(id, { path: '/' })],
  cd: (id) => [ack(id, { path: `/${NAME}` })],
  stat: (id, { path }) => [ack(id, { path, entry: { ...link, name: NAME } })],
  ls: lines({ type: 'directory' }, [
    { ...facts, name: NAME, type: 'file' },
    { ...link, name: 'l' },
  ]),
  find: lines({ type: 'directory' }, [
    { ...facts, path: NAME, type: 'file' },
    { ...link, path: 'l' },
  ]),
  du: lines({}, [{ type: 'total', path: `/${NAME}`, size: 1, allocated: 1, names: 1 }]),
  get: (id, { path }) => [
    ack(id, { path, ...facts }),
    data(id, 'evil'),
    end(id, { size: 4, digest: digestOf('evil') }),
  ],
}

const NAMING = ['ls', 'ls -l', 'ls -R', 'find', 'stat /x', 'du', 'get -r /r', 'get /*', 'sync :/r copy']
const REFUSED = [
  ...[
    'ls',
    'ls -R',
    'find',
    'stat /x',
    'du',
    'df',
    'md5 x',
    'rm x',
    'rm -r x',
    'mkdir x',
    'mv x y',
    'cp x y',
  ],
  ...[
    'chmod 600 x',
    'touch x',

    'get x',
    'get -r /r',
    'put here',
    'put -r here',
    'sync :/r copy',
    'cd x',
  ],
]
const refused = [
  ...[
    'cd',
    'stat',
    'ls',
    'find',
    'du',
    'df',
    'pwd',
    'hash',
    'rm',
    'rmdir',
    'mkdir',
    'mv',
    'cp',
    'chmod',
    'touch',
  ],
  ...['get', 'put'],
]

describe.each([
  ['names', listing, NAMING],
  ['messages', Object.fromEntries(refused.map((name) => [name, refuse])), REFUSED],
] as const)('%s that a terminal would obey are shown as escapes', (_what, answers, commands) => {
  test.each(commands.map((command) => [command]))('%s', async (command) => {
    await using server = await HostileServer.start(answers)
    for (const more of [[], ['-v'], ['--json']]) {
      using folder = tempFolder()
      const local = join(folder.path, 'local')
      mkdirSync(local)
      writeFileSync(join(local, 'here'), '')
      const args = ['-c', command, ...more, '--timeout', '10', '--retries', '0', '--no-input', server.url]
      const { stdout, stderr } = await ftp(args, { cwd: local })
      expect([args, OBEYED.exec(stdout)?.[0], OBEYED.exec(stderr)?.[0]]).toEqual([args, undefined, undefined])
      // It was there, and was shown.
      expect(stdout + stderr).toMatch(/\\(?:e|u001b)\[2J/)
      expect(readdirSync(folder.path)).toEqual(['local'])
    }
  })
})

/** A server's end of the session, with a reason. */
const farewell: Answer = () => [
  encodeJsonFrame(FrameType.BYE, 0, {
    error: { code: 'shutting-down', message: NASTY, retryable: false, id: NASTY },
  }),
]

const executed: Answer = (id) => {
  const said = [
    { type: 'output', stream: 'stderr', data: Buffer.from(NASTY).toString('base64') },
    { type: 'killed', signal: NASTY },
  ]
  return lines({ name: NASTY }, said)(id, {})
}

const greeting = { ...createHello(NASTY, [NASTY]), digests: ['md5', NASTY], features: [NASTY] }

test.each([
  ['the reason for an end', { ls: farewell }, 'ls'],
  ['the reason for an end, in a job', { ls: farewell }, 'ls & wait'],
  ['the reason for an end, and what a retry says', { get: farewell }, 'get x --retries 1 --retry-delay 0.1'],
  ['the reason for an end before the login', { login: farewell }, 'pwd'],
  ['what a program prints and how it ended', { exec: executed }, 'exec x'],
  [
    'the user that a login has',
    { login: (id: number) => [ack(id, { user: NASTY, home: `/${NAME}`, permissions: [NASTY] })], ls: refuse },
    'ls',
  ],
] as const)('%s is shown as escapes', async (_what, answers, command) => {
  await using server = await HostileServer.start({ ...answers }, greeting)
  for (const more of [[], ['-v'], ['--json']]) {
    using folder = tempFolder()
    const args = ['-c', command, ...more, '--timeout', '10', '--retries', '0', '--no-input', server.url]
    const { stdout, stderr } = await ftp(args, { cwd: folder.path })
    expect([args, OBEYED.exec(stdout)?.[0], OBEYED.exec(stderr)?.[0]]).toEqual([args, undefined, undefined])
    expect(stdout + stderr).toMatch(/\\(?:e|u001b)\[2J/)
    if (more.includes('--json')) {
      for (const line of stdout.trimEnd().split('\n')) expect(JSON.parse(line)).toMatchObject({ v: 1 })
    }
  }
})
