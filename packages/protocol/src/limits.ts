/** Limits on what one connection may cost the other side. Sizes are in bytes. */

/** The largest JSON payload. */
export const MAX_JSON_SIZE = 64 * 1024

/** The largest JSON payload before the login. */
export const MAX_JSON_SIZE_BEFORE_LOGIN = 4 * 1024

/** The depth of nested arrays and objects in a JSON payload, including the payload itself. */
export const MAX_JSON_DEPTH = 32

/** The largest DATA payload. */
export const MAX_DATA_SIZE = 1024 * 1024

/** The number of requests that wait on one connection before the server stops reading. */
export const MAX_WAITING_REQUESTS = 1024

/** The size of requests and bodies that wait on one connection before the server stops reading. */
export const MAX_WAITING_BYTES = 1024 * 1024

/** The number of requests that a client leaves unanswered on one connection. */
export const MAX_UNANSWERED_REQUESTS = 256

/** The largest file that a client sends without waiting for the server to say `ready`. */
export const MAX_EAGER_SIZE = 256 * 1024

/** The most paths in one `hash` request. */
export const MAX_HASH_PATHS = 4096

/** The most arguments in one `exec` request. */
export const MAX_PROGRAM_ARGUMENTS = 64

/** UTF-16 units of a password or a token. */
export const MAX_SECRET_LENGTH = 512

/** The most keys in one login. */
export const MAX_LOGIN_KEYS = 8
