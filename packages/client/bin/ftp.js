#!/usr/bin/env node
import '@jftp/client/cli'
