/** The jftp client library: `connect`, then the calls of FtpClient. */
export type { Digest, DigestAlgorithm, Entry } from '@jftp/protocol'
export { parseRate, RATE_EXAMPLES, RateLimit } from '@jftp/transfer'
export type {
  CallOptions,
  ConnectOptions,
  CopyOptions,
  CopyResult,
  FindOptions,
  FolderUsage,
  FoundEntry,
  GetOptions,
  GetSink,
  HashedFile,
  HashOptions,
  ListOptions,
  MkdirOptions,
  MoveOptions,
  OnExists,
  ProgramOutput,
  PutOptions,
  PutSource,
  RemoteEntry,
  RemoveOptions,
  Space,
  StatOptions,
  TouchOptions,
  TransferOptions,
  UsageOptions,
} from './call-options.js'
export { FtpClient } from './client.js'
export { connect, open } from './connect.js'
export { requireSecrecy } from './connection/credentials.js'
export { MAX_CONNECTIONS, MAX_SEGMENTS } from './connection-limits.js'
export { isFinal } from './errors/final-error.js'
export { FtpError } from './errors/ftp-error.js'
export { FTP_ERROR_CODES, type FtpErrorCode } from './errors/ftp-error-code.js'
export { fromLocalError } from './errors/local-error.js'
export type {
  AliasEvent,
  BookmarkEvent,
  CompletionEvent,
  CopyEvent,
  DeletedEvent,
  DifferenceEvent,
  DigestEvent,
  EntryEvent,
  ErrorEvent,
  HelpEvent,
  JobEvent,
  JsonEvent,
  LocalEntryEvent,
  LocalFolderEvent,
  OfferEvent,
  OpenEvent,
  PingEvent,
  PlannedEvent,
  ProgramEndEvent,
  ProgramOutputEvent,
  ProgressEvent,
  ResultEvent,
  SettingEvent,
  SpaceEvent,
  TransferEvent,
  UsageEvent,
  UserEvent,
  VersionEvent,
  WarningEvent,
} from './json-event.js'
export { type KeyFile, parseKeyFile } from './keys/key-file.js'
export { listAgentKeys } from './keys/ssh-agent.js'
export type { SshKey } from './keys/ssh-key.js'
export type { Progress } from './progress.js'
export {
  DEFAULT_PORT,
  formatHostAndPort,
  formatRemoteUrl,
  formatServer,
  hasPassword,
  parseRemoteUrl,
  type RemoteUrl,
} from './remote-url.js'
export type { Retry, RetryOptions } from './retry/retry-options.js'
export type { TreeComparison } from './sync/compare-trees.js'
export type { FilterRule } from './sync/name-filter.js'
export type {
  DiffOptions,
  SyncEvent,
  SyncItem,
  SyncOptions,
  SyncResult,
  SyncRoots,
} from './sync/sync-options.js'
export type { TransferResult } from './transfer-result.js'
export type { RemovedTree } from './tree/remove-tree.js'
export type {
  GetTreeOptions,
  PutTreeOptions,
  TreeEvent,
  TreeFile,
  TreeName,
  TreePair,
  TreeResult,
} from './tree/tree-options.js'
export { parseFingerprint } from './trust/fingerprint.js'
export { type KnownHost, readKnownHosts, rememberHost } from './trust/known-hosts.js'
