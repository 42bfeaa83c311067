import {
  COMMANDS,
  checkDelivery,
  createDigester,
  DIGEST_ALGORITHMS,
  type Digest,
  type DigestAlgorithm,
  encodeDataFrame,
  encodeEmptyFrame,
  encodeJsonFrame,
  type Frame,
  FrameDecoder,
  FrameType,
  frameTypeName,
  isCommandName,
  loginStatementBytes,
  loginStatementText,
  negotiateVersion,
  normalizeRemotePath,
  PROTOCOL_VERSIONS,
  ProtocolError,
  parseAck,
  parseArguments,
  parseBye,
  parseEnd,
  parseEntry,
  parseFound,
  parseHashed,
  parseHello,
  parseRequest,
  parseUsage,
  prepareDigest,
  SshPublicKey,
} from '@jftp/protocol'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  allExamples,
  breaches,
  type Conversation,
  conversations,
  type Example,
  type FrameInWords,
  frameExamples,
  invalidFrames,
  paths,
  type SignedStatement,
  type Step,
  signedStatements,
} from './conformance-data.js'

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

beforeAll(async () => {
  for (const alg of DIGEST_ALGORITHMS) await prepareDigest(alg)
})

describe('every frame of every example', () => {
  test('decodes to its words', () => {
    for (const { hex, frame } of allExamples) expect(inWords(decodeOne(hex))).toEqual(frame)
  })

  test('encodes to its bytes', () => {
    for (const { hex, frame } of allExamples) expect(encode(frame), JSON.stringify(frame)).toBe(hex)
  })

  test('is there for every type', () => {
    expect(new Set(frameExamples.map(({ frame }) => frame.type))).toEqual(new Set(Object.keys(FrameType)))
  })
})

describe.each(conversations)('conversation $name', (conversation) => {
  test('each side decodes to its frames if it is cut at any byte', () => {
    for (const from of ['client', 'server'] as const) {
      const said = conversation.steps.filter((step) => step.from === from)
      const bytes = bytesOf(said.map(({ hex }) => hex).join(''))
      for (let cut = 0; cut <= bytes.length; cut++) {
        const decoder = new FrameDecoder({ data: 'whole' })
        const frames: FrameInWords[] = []
        for (const chunk of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
          decoder.push(chunk)
          for (let frame = decoder.next(); frame; frame = decoder.next()) frames.push(inWords(frame))
        }
        decoder.end()
        expect(frames, `cut at ${cut}`).toEqual(said.map(({ frame }) => frame))
      }
    }
  })

  test('its messages are valid, its answers are in order and its digests are right', () => {
    replay(conversation)
  })
})

describe('invalid frames', () => {
  test.each(invalidFrames.header)('$name is refused because of its header', ({ hex, maxJsonSize, error }) => {
    expect(hex).toHaveLength(16)
    const decoder = new FrameDecoder({
      data: 'pieces',
      ...(maxJsonSize === undefined ? {} : { maxJsonSize }),
    })
    decoder.push(bytesOf(hex))
    expect(() => decoder.next()).toThrow(expect.objectContaining({ name: 'ProtocolError', code: error }))
  })

  test.each(invalidFrames.payload)('$name is refused because of its payload', ({ hex, error }) => {
    const frame = decodeOne(hex)
    expect(() => interpret(frame)).toThrow(expect.objectContaining({ name: 'ProtocolError', code: error }))
  })
})

test.each(breaches)('the breach $name is made of valid frames and answered by BYE', ({ client, server }) => {
  for (const { hex } of client) interpret(decodeOne(hex))
  expect(parseBye(decodeOne(server.hex).payload)).toMatchObject({ code: 'protocol-error' })
})

test.each(paths.cases)('the path $path', ({ path, is, error }) => {
  if (is !== undefined) expect(normalizeRemotePath(path, paths.from)).toBe(is)
  else expect(() => normalizeRemotePath(path, paths.from)).toThrow(expect.objectContaining({ code: error }))
})

test.each(signedStatements)('the signature $name', (whole: SignedStatement) => {
  const key = Buffer.from(whole.key, 'base64')
  const { challenge, certificate, user } = whole
  const statement = { challenge, certificate, user, key }
  expect(loginStatementText(statement)).toBe(whole.text)
  const signed = loginStatementBytes(statement)
  expect(Buffer.from(signed).toString('hex')).toBe(whole.signed)
  const isRight = new SshPublicKey(key).verifies(signed, Buffer.from(whole.signature, 'base64'))
  expect(isRight).toBe(whole.isValid)
})

/** Parses a frame as a receiver does. Throws what is wrong with it. */
function interpret({ type, payload }: Frame): void {
  if (type === FrameType.HELLO) negotiateVersion(PROTOCOL_VERSIONS, parseHello(payload).versions)
  else if (type === FrameType.REQUEST) request(payload)
  else if (type === FrameType.END) parseEnd(payload)
  else if (type === FrameType.BYE) parseBye(payload)
}

function request(payload: Uint8Array): { cmd: string; args: Record<string, unknown> } {
  const { cmd, args } = parseRequest(payload)
  if (!isCommandName(cmd)) throw new ProtocolError('unknown-command', `no such command: ${cmd}`)
  const parsed = parseArguments(cmd, args)
  for (const path of ['path', 'from', 'to']) {
    const value = (parsed as Record<string, unknown>)[path]
    if (typeof value === 'string') normalizeRemotePath(value)
  }
  return { cmd, args: parsed }
}

/** Follows a conversation and checks each step against its request. */
function replay({ steps, files = {} }: Conversation): void {
  const open = new Map<number, { cmd: string; args: Record<string, unknown>; sent: Uint8Array[] }>()
  const answered: number[] = []
  const asked: number[] = []
  for (const { from, hex, frame: words } of steps) {
    const frame = decodeOne(hex)
    const exchange = open.get(frame.id)
    if (from === 'client' && frame.type === FrameType.REQUEST) {
      asked.push(frame.id)
      open.set(frame.id, { ...requestOrRefused(frame.payload), sent: [] })
    } else if (frame.type === FrameType.DATA) {
      exchange?.sent.push(frame.payload)
    } else if (frame.type === FrameType.END) {
      const end = parseEnd(frame.payload)
      if (end.type === 'complete' && !isMeantWrong(frame.id, steps)) checkBody(exchange, end)
      if (from === 'server') answered.push(frame.id)
    } else if (frame.type === FrameType.ACK) {
      const isLast = checkAck(exchange?.cmd ?? '', frame.payload, words)
      const offset = Number(words.json?.['offset'] ?? 0)
      const file = files[`/${String(exchange?.args['path'])}`]?.text ?? ''
      // END is then about the whole file, of which the other side has the first bytes already.
      if (exchange?.cmd === 'put' || exchange?.args['prefix'] !== undefined) {
        exchange.sent.push(Buffer.from(file).subarray(0, offset))
      }
      if (isLast) answered.push(frame.id)
    } else if (frame.type === FrameType.HELLO) {
      parseHello(frame.payload)
    } else {
      interpret(frame)
    }
  }
  expect(answered).toEqual(asked)
}

/** Returns whether this is the last answer to its request. */
function checkAck(cmd: string, payload: Uint8Array, { json }: FrameInWords): boolean {
  if (json?.['ok'] === false) {
    expect(() => parseAck('ping', payload)).toThrow(ProtocolError)
    return true
  }
  if (!isCommandName(cmd)) throw new Error(`an ok ACK to ${cmd}`)
  const facts = parseAck(cmd, payload)
  expect({ ok: true, ...facts }).toEqual(json)
  if ('status' in facts) return facts.status !== 'ready'
  return COMMANDS[cmd].shape !== 'outgoing'
}

/** How a line of a listing is read. */
const LINES: Readonly<Record<string, (line: string) => unknown>> = {
  ls: parseEntry,
  find: parseFound,
  hash: parseHashed,
  du: parseUsage,
}

function checkBody(
  exchange: { cmd: string; args: Record<string, unknown>; sent: Uint8Array[] } | undefined,
  announced: { size: number; digest?: Digest | undefined },
): void {
  const sent = Buffer.concat(exchange?.sent ?? [])
  const parseLine = LINES[exchange?.cmd ?? '']
  const alg = parseLine ? 'md5' : (exchange?.args['digest'] as DigestAlgorithm)
  const digester = createDigester(alg)
  digester.update(sent)
  checkDelivery(announced, { size: sent.length, digest: digester.digest() })
  if (parseLine === undefined) return
  expect(sent.toString()).toMatch(/\n$/)
  for (const line of sent.toString().trimEnd().split('\n')) parseLine(line)
}

/** Whether the example shows an upload with a wrong body. */
function isMeantWrong(id: number, steps: readonly Step[]): boolean {
  return steps.some(({ frame }) => {
    const error = frame.json?.['error'] as { code?: string } | undefined
    return frame.id === id && frame.type === 'ACK' && /-mismatch$/.test(error?.code ?? '')
  })
}

function requestOrRefused(payload: Uint8Array): { cmd: string; args: Record<string, unknown> } {
  try {
    return request(payload)
  } catch (error) {
    if (error instanceof ProtocolError) return { cmd: '', args: {} }
    throw error
  }
}

function decodeOne(hex: string): Frame {
  const decoder = new FrameDecoder({ data: 'whole' })
  decoder.push(bytesOf(hex))
  const frame = decoder.next()
  if (frame === undefined) throw new Error(`not a whole frame: ${hex}`)
  decoder.end()
  return frame
}

function inWords({ type, id, payload }: Frame): FrameInWords {
  const name = frameTypeName(type) as keyof typeof FrameType
  if (type === FrameType.DATA) return { type: name, id, data: Buffer.from(payload).toString('hex') }
  if (payload.length === 0) return { type: name, id }
  return { type: name, id, json: JSON.parse(Buffer.from(payload).toString()) as Record<string, unknown> }
}

function encode({ type, id, json, data }: Example['frame']): string {
  if (type === 'DATA') return Buffer.from(encodeDataFrame(id, bytesOf(data ?? ''))).toString('hex')
  if (type === 'CANCEL' || type === 'PING' || type === 'PONG') {
    return Buffer.from(encodeEmptyFrame(FrameType[type], id)).toString('hex')
  }
  return Buffer.from(encodeJsonFrame(FrameType[type], id, json ?? {})).toString('hex')
}
