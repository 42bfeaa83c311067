/** What one connection may cost the other end. Sizes in bytes. */

/** The largest JSON payload. */
export const MAX_JSON_SIZE = 64 * 1024

/** The largest JSON payload from somebody who has not logged in. */
export const MAX_JSON_SIZE_BEFORE_LOGIN = 4 * 1024

/** How deep arrays and objects may nest in a JSON payload. */
export const MAX_JSON_DEPTH = 32

/** The largest DATA payload. */
export const MAX_DATA_SIZE = 1024 * 1024

/** Requests a server keeps waiting on one connection. */
export const MAX_WAITING_REQUESTS = 1024

/** Bytes of frames a server keeps waiting on one connection. */
export const MAX_WAITING_BYTES = 1024 * 1024

/** Requests a client leaves unanswered on one connection. */
export const MAX_UNANSWERED_REQUESTS = 256

/** The longest file content sent without waiting for the server to say it is ready. */
export const MAX_EAGER_SIZE = 256 * 1024
