import type { ProgramCall } from '../command.js'

/** A client against its server, both of one making. */
export interface Peer {
  /** As the report names it, e.g. `rsync md5`. */
  readonly name: string
  readonly maker: 'jftp' | 'other'
  /** Fetches the file of this name in the served folder. */
  get(name: string, target: string): ProgramCall
  /** Stores a local file under this name in the served folder. */
  put?(source: string, name: string): ProgramCall
  /** Fetches a file as fast as it can over a network that loses packets. */
  getLossy?(name: string, target: string): ProgramCall
  /** Fetches a folder of the served folder into a local one that exists, with its own name or without. */
  getFolder?(name: string, target: string): ProgramCall
  /** Stores a local folder in one of the served folder that exists, with its own name or without. */
  putFolder?(source: string, name: string): ProgramCall
  /** Slow ones run fewer rounds over many files. */
  readonly folderPace?: 'slow'
}
