import type { CommandName } from '@jftp/protocol'
import { cd } from './cd.js'
import { chmod } from './chmod.js'
import type { CommandHandler } from './command-handler.js'
import { cp } from './cp.js'
import { df } from './df.js'
import { du } from './du.js'
import { exec } from './exec.js'
import { find } from './find.js'
import { get } from './get.js'
import { hash } from './hash.js'
import { login } from './login.js'
import { ls } from './ls.js'
import { mkdir } from './mkdir.js'
import { mv } from './mv.js'
import { ping } from './ping.js'
import { put } from './put.js'
import { pwd } from './pwd.js'
import { rm } from './rm.js'
import { rmdir } from './rmdir.js'
import { stat } from './stat.js'
import { touch } from './touch.js'

/** Every command, one row each: the core of the server. */
export const COMMAND_HANDLERS: { readonly [C in CommandName]: CommandHandler<C> } = {
  login,
  ping,
  pwd,
  cd,
  ls,
  find,
  stat,
  get,
  put,
  mkdir,
  rmdir,
  rm,
  mv,
  cp,
  chmod,
  touch,
  hash,
  exec,
  du,
  df,
}
