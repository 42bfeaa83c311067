#!/usr/bin/env node
import '@jftp/server/cli'
