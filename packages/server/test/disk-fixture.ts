import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'
import { OWN_ID } from '../src/storage/daemon-id.js'
import { TestDisk } from './disk-transfer.js'
import { tempFolder } from './temp-folder.js'

let folder: ReturnType<typeof tempFolder>
/** The root of a test and its storage, after a call of one of the two functions below. */
export let root = ''
export let storage: TestDisk
/** A folder beside the root that holds a `secret`, after a call of `openFullDisk`. */
export let outside = ''

/** An empty root for each test. */
export function openEmptyDisk(): void {
  openDisk(() => {
    root = folder.path
  })
}

/**
 * For each test:
 * outside/secret          never to be seen
 * root/file               'in the root'
 * root/folder/file        'in the folder'
 * root/folder/deep/file   'deep'
 */
export function openFullDisk(): void {
  openDisk(() => {
    root = join(folder.path, 'root')
    outside = join(folder.path, 'outside')
    mkdirSync(join(root, 'folder', 'deep'), { recursive: true })
    mkdirSync(outside)
    writeFileSync(join(outside, 'secret'), 'secret')
    write('file', 'in the root')
    write('folder/file', 'in the folder')
    write('folder/deep/file', 'deep')
  })
}

export const read = (name: string): string => readFileSync(join(root, name), 'utf8')

export const write = (name: string, text = ''): void => writeFileSync(join(root, name), text)

/** Makes a link at `path` in the root. */
export const link = (path: string, target: string): void => symlinkSync(target, join(root, path))

/** Uploads that are half-written. */
export const staged = (): string[] => readdirSync(join(root, '.jftp', `staging-${OWN_ID}`))

/** What a client would see in the root. */
export const visible = (): string[] =>
  readdirSync(root)
    .filter((name) => name !== '.jftp')
    .sort()

function openDisk(fill: () => void): void {
  beforeEach(() => {
    folder = tempFolder()
    fill()
    storage = new TestDisk(root)
  })
  afterEach(() => {
    storage.close()
    folder[Symbol.dispose]()
  })
}
