#!/usr/bin/env node
void import('@jftp/server/cli')
