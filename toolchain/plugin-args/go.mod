module github.com/skerry-dev/skerry/toolchain/plugin-args

go 1.26.0
