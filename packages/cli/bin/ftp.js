#!/usr/bin/env node
import '@jftp/cli'
