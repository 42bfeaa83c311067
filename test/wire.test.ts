import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Frame, FrameType, frameTypeName } from '@jftp/protocol'
import { createLog, type Daemon, resolveConfig, startDaemon } from '@jftp/server'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  breaches,
  type Conversation,
  conversation,
  conversations,
  type FrameInWords,
  invalidFrames,
  paths,
} from './conformance-data.js'
import { DaemonProcess } from './daemon.js'
import { tempFolder } from './temp-folder.js'
import { UsersFile } from './users.js'
import { WirePeer } from './wire-peer.js'

/** Sends the bytes of the conformance data to the real server, which must answer as the data says. */
describe.each(['0', '1'])('ftpd with %s worker threads', (workers) => {
  let root: string
  let daemon: Daemon
  let peer: WirePeer

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'jftp-wire-'))
    const config = await resolveConfig({
      root,
      host: '127.0.0.1',
      port: '0',
      workers,
      grace: '5',
      logFormat: 'json',
      logLevel: 'silent',
    })
    daemon = await startDaemon(config, await createLog('json', 'silent'))
    peer = await WirePeer.connect(daemon.url)
  })

  afterEach(async () => {
    peer.close()
    await daemon.stop(5000)
    rmSync(root, { recursive: true })
  })

  test.each(conversations.filter(({ replay, users }) => replay === undefined && users === undefined))(
    'answers the conversation $name as documented',
    async (whole) => {
      layOut(root, whole)
      if (whole.after !== undefined) await hold(peer, conversation(whole.after))
      await hold(peer, whole)
      if (saysGoodbye(whole)) expect(await peer.next()).toBeUndefined()
    },
  )

  test.each(breaches)('ends the connection after the breach $name', async ({ after, client, server }) => {
    if (after !== undefined) await hold(peer, conversation(after))
    peer.send(client.map(({ hex }) => hex).join(''))
    expect(comparable(inWords(await lastFrame(peer)))).toEqual(comparable(server.frame))
  })

  test.each(invalidFrames.header)(
    'ends the connection on the header of $name',
    async ({ hex, maxJsonSize, error }) => {
      if (maxJsonSize === undefined) await hold(peer, conversation('hello-login'))
      else peer.send(conversation('hello-login').steps[0]?.hex ?? '')
      peer.send(hex)
      expect(inWords(await lastFrame(peer))).toMatchObject({ type: 'BYE', json: { error: { code: error } } })
    },
  )

  test.each(invalidFrames.payload)('refuses $name', async ({ name, before = '', hex, error, answer }) => {
    if (!name.startsWith('hello')) await hold(peer, conversation('hello-login'))
    peer.send(before + hex)
    let frame = await peer.next()
    if (frame?.type === FrameType.HELLO) frame = await peer.next()
    expect(inWords(frame)).toMatchObject({ type: answer, json: { error: { code: error } } })
  })

  test('normalises paths as documented', async () => {
    mkdirSync(join(root, paths.from), { recursive: true })
    await hold(peer, conversation('hello-login'))
    peer.send(frameHex(FrameType.REQUEST, 1, JSON.stringify({ cmd: 'cd', path: paths.from })))
    expect(inWords(await peer.next())).toMatchObject({ json: { ok: true, path: paths.from } })
    for (const { path, is, error: code } of paths.cases) {
      peer.send(frameHex(FrameType.REQUEST, 2, JSON.stringify({ cmd: 'stat', path })))
      const { path: stated, error } = inWords(await peer.next())?.json ?? {}
      if (is === undefined) expect(error, path).toMatchObject({ code })
      else expect(stated ?? (error as { path?: string }).path, path).toBe(is)
    }
  })

  test('stops a download that is cancelled in the middle, and goes on', async () => {
    writeFileSync(join(root, 'big'), Buffer.alloc(64 * 1024 * 1024, 1))
    await hold(peer, conversation('hello-login'))
    const [, , , cancel, , again, answer] = conversation('cancel-get').steps
    peer.send(frameHex(FrameType.REQUEST, 1, '{"cmd":"get","path":"big"}'))
    expect((await peer.next())?.type).toBe(FrameType.ACK)
    expect((await peer.next())?.type).toBe(FrameType.DATA)
    peer.send(`${cancel?.hex}${again?.hex}`)
    let frame = await peer.next()
    while (frame?.type === FrameType.DATA) frame = await peer.next()
    expect(inWords(frame)).toMatchObject({ type: 'END', id: 1, json: { error: { code: 'cancelled' } } })
    expect(inWords(await peer.next())).toEqual(answer?.frame)
  })
})

test.each(conversations.filter(({ users }) => users !== undefined))(
  'a server with users answers the conversation $name as documented',
  async (whole) => {
    using folder = tempFolder()
    const users = new UsersFile(folder.path)
    for (const [name, { password = 'none', token, allow }] of Object.entries(whole.users ?? {})) {
      await users.add(name, password, '--allow', allow)
      if (token !== undefined) users.giveToken(name, token)
    }
    await using daemon = await DaemonProcess.start(folder.path, ['--workers', '1', ...users.args])
    const peer = await WirePeer.connect(daemon.url)
    await hold(peer, whole)
    peer.close()
  },
)

/** The mtime of links in the conformance data, in seconds. */
const LINK_TIME = 1_700_000_000

/** Sends what the client sends, and compares what comes back, step by step. */
async function hold(peer: WirePeer, { steps }: Conversation): Promise<void> {
  for (const { from, hex, frame } of steps) {
    if (from === 'client') peer.send(hex)
    else expect(comparable(inWords(await peer.next()))).toEqual(comparable(frame))
  }
}

function layOut(root: string, { files = {}, links = {}, pipes = [], folders = [] }: Conversation): void {
  for (const path of folders) mkdirSync(join(root, path))
  for (const path of pipes) execFileSync('mkfifo', [join(root, path)])
  for (const [path, { text, mtime, mode }] of Object.entries(files)) {
    const local = join(root, path)
    mkdirSync(dirname(local), { recursive: true })
    writeFileSync(local, text)
    chmodSync(local, mode)
    utimesSync(local, mtime / 1000, mtime / 1000)
  }
  for (const [path, target] of Object.entries(links)) {
    symlinkSync(target, join(root, path))
    lutimesSync(join(root, path), LINK_TIME, LINK_TIME)
  }
}

async function lastFrame(peer: WirePeer): Promise<Frame | undefined> {
  let last: Frame | undefined
  for (let frame = await peer.next(); frame; frame = await peer.next()) last = frame
  return last
}

const saysGoodbye = ({ steps }: Conversation): boolean => steps.some(({ frame }) => frame.type === 'BYE')

function inWords(frame: Frame | undefined): FrameInWords | undefined {
  if (frame === undefined) return undefined
  const { id, payload } = frame
  const type = frameTypeName(frame.type) as keyof typeof FrameType
  if (payload.length === 0) return { type, id }
  if (type === 'DATA') return { type, id, data: Buffer.from(payload).toString('hex') }
  return { type, id, json: JSON.parse(Buffer.from(payload).toString()) as Record<string, unknown> }
}

/** The frame without the fields that are only for people: the text of errors and the name of the program. */
function comparable(frame: FrameInWords | undefined): FrameInWords | undefined {
  if (frame?.json === undefined) return frame
  const json = { ...frame.json }
  if (frame.type === 'HELLO') delete json['agent']
  const error = json['error'] as Record<string, unknown> | undefined
  if (error !== undefined) {
    const { id: _id, ...said } = error
    json['error'] = { ...said, message: typeof error['message'] }
  }
  return { ...frame, json }
}

function frameHex(type: number, id: number, text: string): string {
  const header = Buffer.from([0, 0, 0, Buffer.byteLength(text), type, 0, 0, id])
  return Buffer.concat([header, Buffer.from(text)]).toString('hex')
}
