/** Bytes between disk and wire: read, digest, write, make durable; in this thread or in one of its own. */
export type { ByteSink, ByteSource, Passed } from './byte-source.js'
export { FileSink } from './file-sink.js'
export { FileSource, hasChanged } from './file-source.js'
export { type Commit, FolderSyncError, GroupCommit } from './group-commit.js'
export { PartFiles } from './part-files.js'
export { PIECE_SIZE, type Piece, pieceSize } from './piece.js'
export { publishNew, publishNumbered } from './publish-new.js'
export { THREAD_SIZE, TransferThread } from './transfer-thread.js'
