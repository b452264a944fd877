"""The words that columns of tables are named with: 序号, 重点任务, 责任部室 …."""

import re
from collections.abc import Sequence

COLUMN_WORD = re.compile(
    r"序号|编号|类别|类型|项目|任务|内容|事项|措施|目标|指标|责任|部门|部室|处室|科室|单位|牵头|配合|主办|承办|协办|时间|日期|时限|期限|时段|星期|周次|节次|期次|讲次|场次|"
    r"进度|地点|地址|场所|名称|姓名|主题|题目|专家|主讲|讲座|讲师|教师|课程|科目|电话|手机|邮箱|邮编|联系|负责|名额|数量|人数|金额|经费|标准|分值|得分|要求|单价|费用|价格|"
    r"条件|材料|对象|范围|方式|等级|奖项|区县|地区|区域|学校|学院|职务|职称|岗位|专业|学历|性别|年龄|民族|备注|说明|学科|领域|年度|学时|形式|依据|限额|代码|种类|层次|规格|用途"
)
LONGEST_COLUMN_NAME = 14


def looks_like_column_names(cells: Sequence[str]) -> bool:
    """Whether these texts name the columns of a table: all short, most of them words that columns are named with."""
    texts = [re.sub(r"\s+", "", c) for c in cells]
    if len(texts) < 2 or any(
        not t or len(t) > LONGEST_COLUMN_NAME or re.search(r"[。；：:，]", t) for t in texts
    ):
        return False
    known = sum(bool(COLUMN_WORD.search(t)) for t in texts)
    return known >= 2 and known * 5 >= len(texts) * 3
