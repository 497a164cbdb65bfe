package web

import (
	"context"
	"strings"

	"golang.org/x/text/language"

	"hotline/crm"
)

// text is a sentence in both languages.
type text struct{ zh, en string }

func (t text) in(lang string) string {
	if lang == english {
		return t.en
	}
	return t.zh
}

// The languages of answers; the first one is the default.
const (
	chinese = "zh-CN"
	english = "en"
)

var languages = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English})

// chooseLanguage reads Accept-Language.
func chooseLanguage(header string) string {
	_, i := language.MatchStrings(languages, header)
	if i == 1 {
		return english
	}
	return chinese
}

func languageOf(ctx context.Context) string {
	if r := requestOf(ctx); r != nil {
		return r.language
	}
	return chinese
}

// reasonText is what a field's fault is called.
func reasonText(reason string) text {
	switch reason {
	case crm.ReasonUnknown:
		return text{"不存在", "does not exist"}
	case crm.ReasonPast:
		return text{"日期早于今天", "is before today"}
	case crm.ReasonNotADay:
		return text{"不是有效日期（年-月-日）", "is not a day (year-month-day)"}
	case crm.ReasonEmpty:
		return text{"不能为空", "is empty"}
	case crm.ReasonTooLong:
		return text{"太长", "is too long"}
	case crm.ReasonMismatch:
		return text{"与客户不符", "does not belong to the customer"}
	}
	return text{"无效", "is not valid"}
}

// faultText translates the validator's message. Only the known beginnings pass,
// because some messages carry a piece of the input.
func faultText(message string) text {
	for _, known := range []struct {
		begins string
		says   text
	}{
		{"unexpected property", text{"未知字段", "is not known"}},
		{"expected required property", text{"缺少必填字段", "lacks a required field"}},
		{"required", text{"必填", "is required"}},
		{"request body is required", text{"缺少请求内容", "is required"}},
		{"expected length >=", text{"太短", "is too short"}},
		{"expected length <=", text{"太长", "is too long"}},
		{"expected number >=", text{"太小", "is too small"}},
		{"expected number <=", text{"太大", "is too large"}},
		{"expected value to be one of", text{"不在可选值之内", "is none of the possible values"}},
		{"expected string to be RFC 3339 date", text{"不是有效日期（年-月-日）", "is not a day (year-month-day)"}},
		{"expected string to be RFC 4122 uuid", text{"不是有效编号", "is not an id"}},
	} {
		if strings.HasPrefix(message, known.begins) {
			return known.says
		}
	}
	return text{"无效", "is not valid"}
}
