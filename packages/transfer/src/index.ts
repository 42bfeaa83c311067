/** Bytes between disk and wire: read, digest, write, make durable; in this thread or in one of its own. */
export {
  AtomicFile,
  type AtomicTarget,
  type PublishOutcome,
  type StagedFile,
  type StagingArea,
} from './atomic-file.js'
export { parseByteCount } from './byte-count.js'
export {
  type ByteSink,
  type ByteSource,
  type DataFrame,
  PIECE_SIZE,
  payloadSize,
  type TransferSummary,
} from './byte-source.js'
export { FileReader, hasChanged } from './file-reader.js'
export { FileSink } from './file-sink.js'
export { FileSource } from './file-source.js'
export { type FileStart, readStart } from './file-start.js'
export { clampTime, MAX_TIME, setFileTime, toSystemTime } from './file-time.js'
export { GroupCommit } from './group-commit.js'
export { conflictWith, type OnExists, publishNew } from './on-exists.js'
export { MIN_PART_SIZE, PartFiles, type TakenPart } from './part-files.js'
export type { PartSource } from './part-name.js'
export { isGone, OWN_NAME, ownName } from './part-process.js'
export { isAlive } from './process-state.js'
export { MAX_RATE, MIN_RATE, parseRate, RATE_EXAMPLES, RateLimit, type RateLimitShare } from './rate-limit.js'
export { THREAD_SIZE, TransferThread } from './transfer-thread.js'
