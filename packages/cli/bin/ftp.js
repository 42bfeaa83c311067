#!/usr/bin/env node
require('@jftp/cli')
