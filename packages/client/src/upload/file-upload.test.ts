import { appendFileSync, mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MAX_EAGER_SIZE } from '@jftp/protocol'
import { TransferThread } from '@jftp/transfer'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FileUpload } from './file-upload.js'

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'jftp-upload-'))
  path = join(folder, 'file')
  writeFileSync(path, 'content')
  utimesSync(path, 2, 2)
})

afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function openWhole() {
  const upload = new FileUpload(path, new TransferThread(), MAX_EAGER_SIZE).open()
  if (upload.type !== 'whole') throw new Error(`a short file is ${upload.type}`)
  return upload
}

describe('a short file', () => {
  test('is read whole', () => {
    const upload = openWhole()
    const target = new Uint8Array(upload.size)
    upload.fill(target)
    expect(Buffer.from(target).toString()).toBe('content')
  })

  test.each([
    ['grown', () => appendFileSync(path, 'more')],
    ['shrunk', () => truncateSync(path, 3)],
    ['written over', () => utimesSync(path, 1, 1)],
    [
      'written over and given its old time again',
      () => {
        writeFileSync(path, 'CONTENT')
        utimesSync(path, 2, 2)
      },
    ],
  ])('that has %s since it was opened is not sent', (_, change) => {
    const upload = openWhole()
    change()
    expect(() => upload.fill(new Uint8Array(upload.size))).toThrow(
      expect.objectContaining({ code: 'changed', path }),
    )
  })
})
