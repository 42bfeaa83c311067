import { describe, expect, test } from 'vitest'
import { FRAME_HEADER_SIZE, FrameType } from '../frame.js'
import { encodeJsonFrame } from '../frame-encoder.js'
import type { CommandName } from './commands.js'
import { parseAck } from './replies.js'

describe('facts that PROTOCOL.md does not allow', () => {
  const file = { name: 'f', type: 'file', size: 0, mtime: 0, mode: 0 }
  test.each<[CommandName, object]>([
    ['pwd', { path: '' }],
    ['pwd', { path: 'a' }],
    ['cd', { path: '/a/' }],
    ['mv', { path: '/a/../b' }],
    ['rm', { path: '/..' }],
    ['mkdir', { path: '/a\0' }],
    ['login', { user: 'anonymous', home: 'home', permissions: [] }],
    ['login', { user: 'anonymous', home: '/', permissions: 'read' }],
    ['stat', { path: '/', entry: { ...file, name: '../f' } }],
    ['stat', { path: '/', entry: { ...file, name: '..' } }],
    ['stat', { path: '/', entry: { ...file, name: 'f\0' } }],
    ['stat', { path: '/', entry: { ...file, rawName: '%ff' } }],
    ['stat', { path: '/', entry: { ...file, size: null } }],
    ['stat', { path: '/', entry: { ...file, size: 2 ** 53 } }],
    ['ls', { path: '/', type: 'folder' }],
    ['find', { path: 'a', type: 'directory' }],
    ['find', { path: '/', type: 'unreadable' }],
    ['get', { path: '//f', size: 0, mtime: 0, mode: 0 }],
    ['get', { path: '/f', size: -1, mtime: 0, mode: 0 }],
    ['get', { path: '/f', size: 2 ** 53, mtime: 0, mode: 0 }],
    ['get', { path: '/f', size: 0, mtime: 0.5, mode: 0 }],
    ['get', { path: '/f', size: 0, mtime: 0, mode: 0o10000 }],
    ['put', { status: 'ready', offset: -1 }],
    ['put', { status: 'unchanged', path: '/f' }],
    ['put', { status: 'skipped', path: 'f' }],
    ['put', { status: 'stored', path: './f', size: 0 }],
    ['put', { status: 'stored', path: '/f', size: 0, digest: { alg: 'md5', hex: 'D4' } }],
  ])('make the ACK to %s a protocol-error: %j', (cmd, facts) => {
    const payload = encodeJsonFrame(FrameType.ACK, 1, { ok: true, ...facts }).subarray(FRAME_HEADER_SIZE)
    expect(() => parseAck(cmd, payload)).toThrow(expect.objectContaining({ code: 'protocol-error' }))
  })
})
