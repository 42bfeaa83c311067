import { readdirSync, readFileSync } from 'node:fs'
import type { FrameType } from '@jftp/protocol'

/** The examples that docs/PROTOCOL.md and docs/REQUESTS.md name. Anybody who writes another client can test it against them. */

/** A frame in words: frames with a JSON payload have `json`, DATA has `data` in hex. */
export interface FrameInWords {
  readonly type: keyof typeof FrameType
  readonly id: number
  readonly json?: Record<string, unknown>
  readonly data?: string
}

export interface Example {
  /** The whole frame. */
  readonly hex: string
  readonly frame: FrameInWords
}

export interface NamedExample extends Example {
  readonly name: string
}

export interface Step extends Example {
  readonly from: 'client' | 'server'
}

export interface Conversation {
  readonly name: string
  readonly about: string
  /** The conversation that comes before this one on the same connection. */
  readonly after?: string
  /** What the server's root holds at the start, by path. */
  readonly files?: Record<string, { readonly text: string; readonly mtime: number; readonly mode: number }>
  /** The links that it holds, each with the path that is stored in it. */
  readonly links?: Record<string, string>
  /** The named pipes and the empty folders that it holds. */
  readonly pipes?: readonly string[]
  readonly folders?: readonly string[]
  /** The users that the server has, each with a password or a token, and what they may do. */
  readonly users?: Record<
    string,
    { readonly password?: string; readonly token?: string; readonly allow: string }
  >
  /** Present if another correct server may answer with other frames. */
  readonly replay?: string
  readonly steps: readonly Step[]
}

/** Frames that a client may not send, and the server's BYE. */
export interface Breach {
  readonly name: string
  readonly after?: string
  readonly client: readonly Example[]
  readonly server: Example
}

export interface InvalidFrame {
  readonly name: string
  /** A frame that is sent first: the request whose body the invalid frame ends. */
  readonly before?: string
  readonly hex: string
  readonly maxJsonSize?: number
  readonly error: string
  /** The frame with which a server answers. For frames that are refused because of their header it is BYE. */
  readonly answer?: 'ACK' | 'BYE'
}

/** A path as a client sends it, and the absolute path it means or the error it gives. */
export interface PathCase {
  readonly path: string
  readonly is?: string
  readonly error?: string
}

const folder = new URL('conformance/', import.meta.url)

function load(name: string): Record<string, unknown> {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Record<string, unknown>
}

export const frameExamples = load('frames')['frames'] as NamedExample[]
export const breaches = load('breaches')['cases'] as Breach[]
export const invalidFrames = load('invalid-frames') as unknown as {
  /** Refused on the first 8 bytes. */
  readonly header: readonly InvalidFrame[]
  /** Refused on their payload. */
  readonly payload: readonly InvalidFrame[]
}

export const paths = load('paths') as unknown as {
  /** The current folder. */
  readonly from: string
  readonly cases: readonly PathCase[]
}

/** A statement of a client that logs in by a key, and a signature of it. */
export interface SignedStatement {
  readonly name: string
  readonly challenge: string
  readonly certificate?: string
  readonly user: string
  readonly key: string
  readonly text: string
  /** The bytes that the key signs, in hex. */
  readonly signed: string
  readonly signature: string
  readonly isValid: boolean
}

export const signedStatements = load('login-key')['signatures'] as SignedStatement[]

const notConversations = ['frames', 'breaches', 'invalid-frames', 'paths']

export const conversations: readonly Conversation[] = readdirSync(folder)
  .map((file) => file.replace(/\.json$/, ''))
  .filter((name) => !notConversations.includes(name))
  .map((name) => ({ ...(load(name) as unknown as Omit<Conversation, 'name'>), name }))

export function conversation(name: string): Conversation {
  const found = conversations.find((conversation) => conversation.name === name)
  if (found === undefined) throw new Error(`no conversation is named ${name}`)
  return found
}

/** Every frame of every example that is valid by itself. */
export const allExamples: readonly Example[] = [
  ...frameExamples,
  ...conversations.flatMap(({ steps }) => steps),
  ...breaches.flatMap(({ client, server }) => [...client, server]),
]
