import type { Command } from '../command.js'

/** A client against its server on loopback, both of one making. */
export interface Peer {
  /** As the report names it, e.g. `rsync md5`. */
  readonly name: string
  readonly maker: 'jftp' | 'other'
  /** Fetches the file of this name in the served folder. */
  get(name: string, target: string): Command
  /** Stores a local file under this name in the served folder. */
  put(source: string, name: string): Command
  /** Fetches the files right in a folder of the served folder into a local one that exists. */
  getFolder?(name: string, target: string): Command
  /** Stores the files right in a local folder in one of the served folder that exists. */
  putFolder?(source: string, name: string): Command
  /** Slow ones run fewer rounds over many files. */
  readonly folderPace?: 'slow'
}
