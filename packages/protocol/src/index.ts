/** The jftp protocol without I/O: it turns bytes into frames and checked messages. See docs/PROTOCOL.md and docs/REQUESTS.md. */
export {
  checkDelivery,
  createDigester,
  DIGEST_ALGORITHMS,
  type Digest,
  type DigestAlgorithm,
  type Digester,
  digestOf,
  OFFERED_DIGESTS,
  prepareDigest,
} from './digest.js'
export { ERROR_CODES, type ErrorCode, isErrorCode } from './error-code.js'
export { FRAME_HEADER_SIZE, type Frame, FrameType, frameTypeName, MAX_REQUEST_ID } from './frame.js'
export { FrameBatch, LARGE_FRAME, type SendOwned } from './frame-batch.js'
export { FrameDecoder, type FrameDecoderOptions } from './frame-decoder.js'
export {
  encodeClientHello,
  encodeDataFrame,
  encodeEmptyFrame,
  encodeJsonFrame,
  writeFrameHeader,
} from './frame-encoder.js'
export {
  MAX_DATA_SIZE,
  MAX_EAGER_SIZE,
  MAX_HASH_PATHS,
  MAX_JSON_DEPTH,
  MAX_JSON_SIZE,
  MAX_JSON_SIZE_BEFORE_LOGIN,
  MAX_LOGIN_KEYS,
  MAX_PROGRAM_ARGUMENTS,
  MAX_SECRET_LENGTH,
  MAX_UNANSWERED_REQUESTS,
  MAX_WAITING_BYTES,
  MAX_WAITING_REQUESTS,
} from './limits.js'
export { type LoginStatement, loginStatementBytes, loginStatementText } from './login-statement.js'
export {
  type AckOf,
  COMMANDS,
  type CommandName,
  type CommandShape,
  isCommandName,
  type RequestInput,
  type RequestOf,
} from './messages/commands.js'
export type { Entry } from './messages/entry.js'
export type { Executed } from './messages/executed.js'
export type { Found } from './messages/found.js'
export type { Hashed } from './messages/hashed.js'
export { createHello, type Hello, parseHello } from './messages/hello.js'
export {
  type End,
  parseAck,
  parseBye,
  parseEnd,
  parseEntry,
  parseExecuted,
  parseFound,
  parseHashed,
  parseUsage,
} from './messages/replies.js'
export { parseArguments, parseRequest } from './messages/requests.js'
export type { Usage } from './messages/usage.js'
export { createNameGlob } from './name-glob.js'
export type {
  OneOffMessage,
  OneOffMessageOf,
  OneOffRequest,
  TransferPosition,
} from './one-off-message.js'
export { printable, printableJson } from './printable.js'
export { ProtocolError, type WireError } from './protocol-error.js'
export {
  isNormalRemotePath,
  joinRemotePath,
  MAX_NAME_SIZE,
  MAX_PATH_DEPTH,
  MAX_PATH_SIZE,
  normalizeRemotePath,
  remoteBasename,
  remoteDirname,
  splitRemotePath,
} from './remote-path.js'
export { type AuthorizedKey, parseAuthorizedKey, type SshKeyType, SshPublicKey } from './ssh-public-key.js'
export { encodeSshStrings, SshReader } from './ssh-wire.js'
export { negotiateVersion, PROTOCOL_VERSIONS, type VersionRange } from './version.js'
